import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTypescript, { astToString } from "openapi-typescript";
import type { Trial } from "./trial.ts";
import { runTypescript } from "./typescript-program.ts";

const client = fileURLToPath(new URL("../node_modules/openapi-fetch", import.meta.url));

/** Tries openapi-fetch with the types of openapi-typescript. */
export async function tryOpenapiFetch(trial: Trial): Promise<string> {
  const { document, folder } = trial;
  const schema = await openapiTypescript(JSON.stringify(document), { silent: true });
  await writeFile(join(folder, "schema.ts"), astToString(schema));
  await mkdir(join(folder, "node_modules"), { recursive: true });
  await symlink(client, join(folder, "node_modules/openapi-fetch"), "junction");
  return runTypescript("openapi-fetch", trial);
}
