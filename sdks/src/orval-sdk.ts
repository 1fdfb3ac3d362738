import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { must } from "./run-command.ts";
import type { Trial } from "./trial.ts";
import { runTypescript } from "./typescript-program.ts";

const home = fileURLToPath(new URL("../orval", import.meta.url));

/** Tries an SDK of orval, which is installed for the trial: it would double the packages of this workspace. */
export async function tryOrval(trial: Trial): Promise<string> {
  const { document, folder, url } = trial;
  await copyFile(join(home, "package.json"), join(folder, "package.json"));
  await must("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], folder);
  await writeFile(join(folder, "openapi.json"), JSON.stringify(document));
  const output = { target: "sdk/api.ts", client: "fetch", mode: "single", baseUrl: url };
  const config = { sepal: { input: "openapi.json", output } };
  await writeFile(join(folder, "orval.config.mjs"), `export default ${JSON.stringify(config)};\n`);
  const orval = join(folder, "node_modules/orval/dist/bin/orval.mjs");
  await must(process.execPath, [orval, "--config", "orval.config.mjs"], folder);
  return runTypescript("orval", trial);
}
