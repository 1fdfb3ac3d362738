import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "@hey-api/openapi-ts";
import { must } from "./run-command.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tsc = join(root, "node_modules/.bin/tsc");
const program = join(root, "sdks/typescript/use-sdk.ts");

const COMPILER_OPTIONS = {
  target: "es2022",
  module: "nodenext",
  lib: ["es2022", "dom", "dom.iterable"],
  types: [],
  strict: true,
  skipLibCheck: false,
  outDir: "compiled",
};

/**
 * Writes a TypeScript SDK of an OpenAPI document into `folder`, compiles it and a program that uses it,
 * and runs that against the server at `url`; gives the program's output, fails with the reason.
 */
export async function tryTypescriptSdk(
  document: object,
  folder: string,
  url: string,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  await createClient({
    input: { path: { ...document } },
    output: { path: join(folder, "sdk"), module: { extension: ".js" } },
    logs: { level: "silent", file: false },
  });
  await copyFile(program, join(folder, "use-sdk.ts"));
  const config = { compilerOptions: COMPILER_OPTIONS, include: ["use-sdk.ts", "sdk"] };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await must(tsc, ["--project", "."], folder);
  return must(process.execPath, ["compiled/use-sdk.js", url], folder);
}
