import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { NotEvaluated } from "@sepal/evaluator/evaluator-model";
import { expect, test } from "vitest";
import { findDifference } from "../../test/same-bits.ts";

const run = promisify(execFile);
const fixtures = fileURLToPath(new URL("../../test/fixtures/", import.meta.url));
const VENV = fileURLToPath(
  new URL("../../../../node_modules/.cache/library-models", import.meta.url),
);
const SEED = "20261130";
const MODELS = 50;
/** A library's converter may be refused, but not each of its models. */
const LEAST_EVALUATED = 48;

/** Python with the libraries, installed at the first run. */
async function python(): Promise<string> {
  const own = join(VENV, "bin/python");
  const installed = join(VENV, "installed");
  if (!existsSync(installed)) {
    await run("python3", ["-m", "venv", "--clear", VENV]);
    const requirements = join(fixtures, "library-models.txt");
    await run(own, ["-m", "pip", "install", "--quiet", "-r", requirements]);
    await run("touch", [installed]);
  }
  return own;
}

test(`${MODELS} models of four libraries have the bits of ONNX Runtime on 10,000 rows, or are refused`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "sepal-library-models-"));
  try {
    const script = join(fixtures, "make_library_models.py");
    await run(await python(), [script, folder, String(MODELS), SEED], { maxBuffer: 2 ** 24 });
    const names = (await readdir(folder)).filter((name) => name.endsWith(".onnx")).toSorted();
    expect(names).toHaveLength(MODELS);
    const refused: string[] = [];
    for (const name of names) {
      const onnx = await readFile(join(folder, name));
      const bytes = await readFile(join(folder, name.replace(".onnx", ".f32")));
      const rows = new Float32Array(Uint8Array.from(bytes).buffer);
      try {
        expect(await findDifference(onnx, { rows, batches: [1000, 1] }), name).toBeUndefined();
      } catch (error) {
        if (!(error instanceof NotEvaluated)) throw error;
        refused.push(`${name}: ${error.message}`);
      }
    }
    // oxlint-disable-next-line eslint/no-console -- which converters are refused
    console.info(`${MODELS - refused.length} of ${MODELS} evaluated\n${refused.join("\n")}`);
    expect(MODELS - refused.length, refused.join("\n")).toBeGreaterThanOrEqual(LEAST_EVALUATED);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 1_800_000);
