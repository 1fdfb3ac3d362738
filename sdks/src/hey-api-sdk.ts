import { join } from "node:path";
import { createClient } from "@hey-api/openapi-ts";
import type { Trial } from "./trial.ts";
import { runTypescript } from "./typescript-program.ts";

/** Tries an SDK of hey-api. */
export async function tryHeyApi(trial: Trial): Promise<string> {
  await createClient({
    input: { path: { ...trial.document } },
    output: { path: join(trial.folder, "sdk"), module: { extension: ".js" } },
    logs: { level: "silent", file: false },
  });
  return runTypescript("hey-api", trial);
}
