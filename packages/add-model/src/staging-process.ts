import { serveRequests } from "@sepal/model/probe/serve-requests";
import type { AddModelOptions } from "./check-model.ts";
import { Refusal } from "./refusal.ts";
import { report } from "./report.ts";
import { stageModel } from "./stage-model.ts";

// The process in which a model is opened and run; nothing of the file runs in the command itself.

/** What is to be staged. */
export interface StagingRequest {
  readonly options: AddModelOptions;
  readonly repository: string;
  readonly staging: string;
}

/** What was staged, or why nothing was; `fault` is the stack of an error that is none of the file's. */
export type StagingReply =
  | { readonly report: string; readonly places: readonly string[] }
  | { readonly refusal: string; readonly place: "model" | "repository" }
  | { readonly fault: string };

await serveRequests(async (json): Promise<StagingReply> => {
  const { options, ...places }: StagingRequest = JSON.parse(json);
  try {
    const added = await stageModel(options, places);
    return { report: report(added), places: added.written };
  } catch (error) {
    if (error instanceof Refusal) {
      return { refusal: error.message, place: error.place ?? "repository" };
    }
    return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
});
