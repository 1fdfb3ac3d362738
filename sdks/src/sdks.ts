import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { startApi } from "../../apps/api/test/api-process.ts";
import { EXPECTED } from "./expected.ts";
import { pythonIsMissing, tryPythonSdk } from "./python-sdk.ts";
import { tryTypescriptSdk } from "./typescript-sdk.ts";

const [kept] = process.argv.slice(2);
const folder = kept === undefined ? await mkdtemp(join(tmpdir(), "sepal-sdks-")) : resolve(kept);

/** Tries one SDK, says how it went, and gives whether it went well. */
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

{
  await using api = await startApi();
  const document: object = Object(await (await fetch(`${api.url}/openapi.json`)).json());
  const typescript = join(folder, "typescript");
  let good = await tried("TypeScript", () => tryTypescriptSdk(document, typescript, api.url));
  const missing = await pythonIsMissing();
  if (missing === null) {
    const python = join(folder, "python");
    good = (await tried("Python", () => tryPythonSdk(document, python, api.url))) && good;
  } else {
    console.log(`missing Python: ${missing}`);
  }
  process.exitCode = good ? 0 : 1;
}
if (kept === undefined) await rm(folder, { recursive: true, force: true });
else console.log(`kept in ${folder}`);
