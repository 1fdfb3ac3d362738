import { NotEvaluated, type TreesModel } from "@sepal/evaluator/evaluator-model";
import { postTransformGraphs } from "@sepal/evaluator/post-transform-graph";
import { readGraph } from "@sepal/evaluator/read-graph";
import { thresholdsOf } from "@sepal/evaluator/thresholds";
import { textFeature, type Contract } from "@sepal/schema/define-contract";
import type { InferenceResult } from "@sepal/schema/prediction-reader";
import type { Engine, EngineChoice } from "../engine.ts";
import { seededRandom } from "../seeded-random.ts";
import { createInferenceSession, type InferenceSession } from "../session/inference-session.ts";
import { createEvaluatorSession } from "../session/open-model.ts";
import { failureReason } from "./failure-reason.ts";
import type { VersionFiles } from "./model-files.ts";

/** Rows that are placed on the thresholds of the model, and beside them. */
const PLACED_ROWS = 2000;

/** Sums that go through the post-transform alone. */
const SUMS = 100_000;

/** Rows of an execution: of a batch, of singles that run together, and one alone. */
const SIZES = [1000, 7, 1] as const;

/** Rows that are also run in the smaller executions. */
const SMALL_ROWS = 140;

type Rows = { readonly features: Float32Array<ArrayBuffer>; readonly width: number };

/** A NaN is a NaN, whatever its bits. */
function sameBits(left: Float32Array, right: Float32Array): boolean {
  if (left.length !== right.length) return false;
  const bits = new Uint32Array(left.buffer, left.byteOffset, left.length);
  const others = new Uint32Array(right.buffer, right.byteOffset, right.length);
  return bits.every(
    (value, index) =>
      value === others[index] || (Number.isNaN(left[index]) && Number.isNaN(right[index])),
  );
}

function same(left: InferenceResult, right: InferenceResult): boolean {
  return (
    sameBits(left.values, right.values) &&
    left.classes.length === right.classes.length &&
    left.classes.every((value, index) => value === right.classes[index])
  );
}

/** The first rows on which two sessions differ, in words; `undefined` where they agree on all. */
async function difference(
  evaluator: InferenceSession,
  oracle: InferenceSession,
  { features, width }: Rows,
): Promise<string | undefined> {
  const rows = features.length / width;
  for (const size of SIZES) {
    const end = size === SIZES[0] ? rows : Math.min(rows, SMALL_ROWS);
    for (let start = 0; start < end; start += size) {
      const part = features.slice(start * width, Math.min(start + size, end) * width);
      const [found, expected] = [await evaluator.run(part, width), await oracle.run(part, width)];
      if (!same(found, expected)) return `${size === 1 ? "row" : "the rows from row"} ${start}`;
    }
  }
  return undefined;
}

/** The floats next to a float32, and itself. */
function neighbours(value: number): readonly number[] {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  const beside = (step: number) => {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, bits.getUint32(0) + step);
    return view.getFloat32(0);
  };
  return [value, beside(1), beside(-1)];
}

/** Rows whose values lie on thresholds of the model or right beside them, zero or missing, others those of golden rows. */
function placedRows(
  model: TreesModel,
  golden: VersionFiles["golden"],
  { features: specs }: Contract,
): Rows {
  const width = specs.length;
  const random = seededRandom(width);
  const pick = <T>(values: readonly T[]): T | undefined =>
    values[Math.floor(random() * values.length)];
  const byFeature = specs.map((): number[] => []);
  for (const [feature, value] of thresholdsOf(model)) byFeature[feature]?.push(value);
  const features = new Float32Array(PLACED_ROWS * width);
  for (let row = 0; row < PLACED_ROWS; row += 1) {
    const start = pick(golden)?.features ?? [];
    for (const [feature, spec] of specs.entries()) {
      const chance = random();
      const threshold = pick(byFeature[feature] ?? []);
      const given = Number(start[feature] ?? Number.NaN);
      let value = given;
      if (chance < 0.6 && threshold !== undefined) value = pick(neighbours(threshold)) ?? given;
      else if (chance < 0.65) value = random() < 0.5 ? 0 : -0;
      else if (chance < 0.7 && spec.nullable === true) value = Number.NaN;
      features[row * width + feature] = value;
    }
  }
  return { features, width };
}

/** Runs the post-transforms of a model alone on random sums in both engines; returns how they differ, if they do. */
async function compareSums(model: TreesModel): Promise<string | undefined> {
  for (const { onnx, rows } of postTransformGraphs(model, SUMS, seededRandom(SUMS))) {
    const evaluator = createEvaluatorSession(readGraph(onnx));
    const oracle = await createInferenceSession(onnx);
    try {
      const [found, expected] = [await evaluator.run(rows, 1), await oracle.run(rows, 1)];
      if (!same(found, expected)) return "sums of its post-transform";
    } finally {
      await oracle.release();
    }
  }
  return undefined;
}

/** Compares a model with ONNX Runtime; returns where they differ, if they do. */
async function compare(
  model: TreesModel,
  { model: onnx, golden }: VersionFiles,
  contract: Contract,
): Promise<string | undefined> {
  const width = contract.features.length;
  const evaluator = createEvaluatorSession(model);
  const oracle = await createInferenceSession(onnx);
  try {
    const trained = Float32Array.from(golden.flatMap(({ features }) => features.map(Number)));
    const goldenRows = await difference(evaluator, oracle, { features: trained, width });
    if (goldenRows !== undefined) return `golden rows, ${goldenRows}`;
    const placed = await difference(evaluator, oracle, placedRows(model, golden, contract));
    if (placed !== undefined) return `rows placed on thresholds, ${placed}`;
  } finally {
    await oracle.release();
  }
  return compareSums(model);
}

/**
 * Decides what computes a version, the same way at every call: the evaluator where it gives the bits of ONNX Runtime on
 * every golden row, on rows placed on thresholds and on sums of its post-transform.
 */
export async function chooseEngine(
  files: VersionFiles,
  contract: Contract,
  choice: EngineChoice,
): Promise<Engine> {
  const onnxruntime = (reason: string): Engine => ({ name: "onnxruntime", reason });
  if (choice === "onnxruntime") return onnxruntime("INFERENCE_ENGINE is onnxruntime");
  if (textFeature(contract) !== undefined) return onnxruntime("it takes text");
  try {
    const where = await compare(readGraph(files.model), files, contract);
    if (where !== undefined) return onnxruntime(`the evaluator gives other bits: ${where}`);
  } catch (error) {
    // A file that nobody can open is rejected when the version is loaded.
    if (error instanceof NotEvaluated) return onnxruntime(error.message);
    return onnxruntime(`it cannot be compared: ${failureReason(error)}`);
  }
  const rows = `${files.golden.length} golden rows and ${PLACED_ROWS} rows placed on thresholds`;
  return { name: "evaluator", reason: `the bits of ONNX Runtime on ${rows}` };
}
