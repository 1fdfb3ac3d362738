import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { newCommand, runCommand, type Command } from "@sepal/command-line";

/** What every program that uses an SDK must print. */
export const EXPECTED = {
  label: "versicolor",
  labels: ["setosa", "virginica"],
  status: 422,
  rules: [{ type: "greater_than", loc: ["body", "features", 0] }],
};

/** Tries one SDK, reports how it went, and returns whether it went well. */
async function tried(name: string, attempt: () => Promise<string>): Promise<boolean> {
  const started = performance.now();
  try {
    const output: unknown = JSON.parse(await attempt());
    if (!isDeepStrictEqual(output, EXPECTED)) throw new Error(`printed ${JSON.stringify(output)}`);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`ok      ${name}: generated, compiled, predicts, gives a typed 422 (${seconds} s)`);
    return true;
  } catch (error) {
    console.log(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

/** Generates and tries the SDKs below a folder; returns whether all went well. */
async function trySdks(folder: string): Promise<boolean> {
  // The generators are large.
  const { startApi } = await import("../../apps/api/test/support/api-process.ts");
  const { pythonIsMissing, tryPythonSdk } = await import("./python-sdk.ts");
  const { tryTypescriptSdk } = await import("./typescript-sdk.ts");
  await using api = await startApi();
  const document: object = Object(await (await fetch(`${api.url}/openapi.json`)).json());
  const typescript = join(folder, "typescript");
  const good = await tried("TypeScript", () => tryTypescriptSdk(document, typescript, api.url));
  const missing = await pythonIsMissing();
  if (missing !== null) {
    console.log(`missing Python: ${missing}`);
    return good;
  }
  const python = join(folder, "python");
  return (await tried("Python", () => tryPythonSdk(document, python, api.url))) && good;
}

/** The command `sdks`. */
export function sdksCommand(): Command {
  return newCommand(
    "sdks",
    "Generates a TypeScript and a Python SDK from the OpenAPI document of a server of its own and tries each. Needs the network; Python needs python3 3.10 or later with venv.",
  )
    .argument("[folder]", "where the SDKs are kept (default: nowhere)")
    .action(async (kept?: string) => {
      const folder =
        kept === undefined ? await mkdtemp(join(tmpdir(), "sepal-sdks-")) : resolve(kept);
      process.exitCode = (await trySdks(folder)) ? 0 : 1;
      if (kept === undefined) await rm(folder, { recursive: true, force: true });
      else console.log(`kept in ${folder}`);
    });
}

if (import.meta.main) await runCommand(sdksCommand());
