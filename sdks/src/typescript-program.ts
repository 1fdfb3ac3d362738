import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { must } from "./run-command.ts";
import type { Trial } from "./trial.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tsc = join(root, "node_modules/.bin/tsc");

const COMPILER_OPTIONS = {
  target: "es2022",
  module: "nodenext",
  lib: ["es2022", "dom", "dom.iterable"],
  types: [],
  strict: true,
  skipLibCheck: false,
  outDir: "compiled",
};

/** Compiles the generated code in a trial's folder with the program `sdks/<generator>/use-sdk.ts`; gives what that prints. */
export async function runTypescript(generator: string, trial: Trial): Promise<string> {
  const { folder, url, csv } = trial;
  await copyFile(join(root, "sdks", generator, "use-sdk.ts"), join(folder, "use-sdk.ts"));
  const config = { compilerOptions: COMPILER_OPTIONS, include: ["*.ts", "sdk"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await must(tsc, ["--project", "."], folder);
  return must(process.execPath, ["compiled/use-sdk.js", url, csv], folder);
}
