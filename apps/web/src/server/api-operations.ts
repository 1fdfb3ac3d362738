import * as z from "zod";
import { webSettings } from "../settings.ts";

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

const operation = z.object({
  summary: z.string().catch(""),
  tags: z.array(z.string()).catch([]),
  responses: z.record(z.string(), z.unknown()).catch({}),
});

const openapiDocument = z.object({
  info: z.object({ version: z.string().catch("") }),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
});

/** One route of the API with a method, as its document describes it. */
export interface ApiOperation {
  readonly method: (typeof METHODS)[number];
  readonly path: string;
  readonly summary: string;
  /** Statuses it can answer. */
  readonly statuses: readonly string[];
}

/** The API's operations by tag; `off` when it serves no document, `down` when it does not answer. */
export type ApiOperations =
  | { readonly state: "off" | "down" }
  | {
      readonly state: "on";
      readonly groups: readonly (readonly [string, readonly ApiOperation[]])[];
    };

/** Reads the operations from the API's OpenAPI document. */
export async function apiOperations(): Promise<ApiOperations> {
  let response: Response;
  try {
    response = await fetch(`${webSettings().API_URL}/openapi.json`, {
      cache: "no-store",
      signal: AbortSignal.timeout(4000),
    });
  } catch {
    return { state: "down" };
  }
  if (!response.ok) return { state: "off" };
  const document = openapiDocument.parse(await response.json());
  const groups = new Map<string, ApiOperation[]>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const { data } = operation.safeParse(item[method]);
      if (data === undefined) continue;
      const tag = data.tags[0] ?? "other";
      const statuses = Object.keys(data.responses);
      groups.set(tag, [
        ...(groups.get(tag) ?? []),
        { method, path, summary: data.summary, statuses },
      ]);
    }
  }
  return { state: "on", groups: [...groups] };
}
