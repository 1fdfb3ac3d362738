import { unavailable } from "@sepal/schema/unavailable";
import { InferenceSession as OrtSession, Tensor } from "onnxruntime-node";
import { requireSelfContained } from "../onnx/self-contained.ts";

/** What a model computed for `n` rows. */
export interface InferenceResult {
  /** Class indices `[n]`. */
  readonly classes: BigInt64Array;
  /** Probabilities `[n, classes]`, row after row. */
  readonly proba: Float32Array;
}

/** Name, element type and shape of a tensor; -1 stands for a dynamic dimension. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** A model in memory. */
export interface InferenceSession {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Runs `features` `[n, width]`, row after row; computes synchronously, on this thread, in a later turn. */
  run(features: Float32Array, width: number): Promise<InferenceResult>;
  release(): Promise<void>;
}

// ONNX Runtime sends usage data to its maker from 1.29 on unless this is set before its first session
// (microsoft/onnxruntime pull request 27379).
process.env["ORT_DISABLE_TELEMETRY"] ??= "1";

const DATATYPES: Record<string, string> = { float32: "FP32", int64: "INT64" };

function tensorSpecs(metadata: readonly OrtSession.ValueMetadata[]): TensorSpec[] {
  return metadata.map((value) => ({
    name: value.name,
    datatype: value.isTensor ? (DATATYPES[value.type] ?? value.type) : "not a tensor",
    shape: value.isTensor
      ? value.shape.map((dimension) => (typeof dimension === "number" ? dimension : -1))
      : [],
  }));
}

/** Gives ONNX Runtime the very bytes that were checked, never a path. */
async function openSession(
  model: Uint8Array,
  options: OrtSession.SessionOptions,
): Promise<OrtSession> {
  requireSelfContained(model);
  return OrtSession.create(model, options);
}

/** Opens an ONNX model; throws where it refers to anything outside itself, or what ONNX Runtime says when it cannot be read. */
export async function createInferenceSession(model: Uint8Array): Promise<InferenceSession> {
  const session = await openSession(model, {
    // Threads spin between runs and lose on small models: one row of a 50-tree forest takes 11-16 µs on one.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    logSeverityLevel: 3,
  });
  let released = false;
  return {
    inputs: tensorSpecs(session.inputMetadata),
    outputs: tensorSpecs(session.outputMetadata),
    async run(features, width) {
      if (released) {
        throw unavailable("the model version was replaced");
      }
      const feeds = { features: new Tensor("float32", features, [features.length / width, width]) };
      const fetched = await session.run(feeds);
      const classes = fetched["class"]?.data;
      const proba = fetched["proba"]?.data;
      if (!(classes instanceof BigInt64Array) || !(proba instanceof Float32Array)) {
        throw new Error("the model answered other tensors than its metadata says");
      }
      return { classes, proba };
    },
    async release() {
      if (released) return;
      released = true;
      await session.release();
    },
  };
}

interface ForeignTensors {
  readonly input: { readonly name: string; readonly datatype: string };
  /** Name of the output that is asked for. */
  readonly output: string;
}

/** Runs a model whose tensors have other names once; every element of one output as a text. */
export async function readForeignOutput(
  model: Uint8Array,
  { input, output }: ForeignTensors,
  rows: readonly (readonly number[])[],
): Promise<string[]> {
  const session = await openSession(model, { logSeverityLevel: 3 });
  try {
    const shape = [rows.length, rows[0]?.length ?? 0];
    const values = rows.flat();
    const tensor =
      input.datatype === "FP32"
        ? new Tensor("float32", Float32Array.from(values), shape)
        : new Tensor("float64", Float64Array.from(values), shape);
    const { [output]: answer } = await session.run({ [input.name]: tensor }, [output]);
    return Array.from(answer?.data ?? [], String);
  } finally {
    await session.release();
  }
}
