import type { InferenceResult } from "@sepal/schema/prediction-reader";
import { unavailable } from "@sepal/schema/unavailable";
import { InferenceSession as OrtSession, Tensor } from "onnxruntime-node";
import { requireSelfContained } from "../onnx/self-contained.ts";
import type { ModelInput } from "./model-input.ts";

/** A result with the clock readings around the computation, in milliseconds of `performance.now()`. */
export interface TimedResult extends InferenceResult {
  readonly started: number;
  readonly ended: number;
}

/** Name, element type and shape of a tensor; -1 stands for a dynamic dimension. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** Name of the input that models of numbers, and of those that models of texts have. */
export const INPUT_NAMES = { numbers: "features", text: "text" } as const;

/** A model in memory. */
export interface InferenceSession {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Runs rows of `width` values, 1 of texts; computes synchronously, on this thread, in a later turn. */
  run(rows: ModelInput, width: number): Promise<TimedResult>;
  release(): Promise<void>;
}

// ONNX Runtime sends usage data to its maker from 1.29 on unless this is set before its first session
// (microsoft/onnxruntime pull request 27379).
process.env["ORT_DISABLE_TELEMETRY"] ??= "1";

const DATATYPES: Record<string, string> = { float32: "FP32", int64: "INT64", string: "BYTES" };

/** What {@link TensorSpec} has as the type of a sequence, a map and whatever else is no tensor. */
export const NO_TENSOR = "not a tensor";

function tensorSpecs(metadata: readonly OrtSession.ValueMetadata[]): TensorSpec[] {
  return metadata.map((value) => ({
    name: value.name,
    datatype: value.isTensor ? (DATATYPES[value.type] ?? value.type) : NO_TENSOR,
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

const NO_CLASSES = new BigInt64Array(0);
const NO_VALUES = new Float32Array(0);

/** ONNX Runtime's binding ends a text at NUL: a space parts words as NUL does for scikit-learn. */
function stringTensor(texts: readonly string[], dims: readonly number[]): Tensor {
  const whole = texts.map((text) => (text.includes("\0") ? text.replaceAll("\0", " ") : text));
  return new Tensor("string", whole, dims);
}

function feedsOf(rows: ModelInput, width: number): OrtSession.FeedsType {
  const dims = [rows.length / width, width];
  return rows instanceof Float32Array
    ? { [INPUT_NAMES.numbers]: new Tensor("float32", rows, dims) }
    : { [INPUT_NAMES.text]: stringTensor(rows, dims) };
}

/** Sums of leaf weights may lie a rounding error outside of [0, 1]; NaN stays. */
function clampProbabilities(values: Float32Array): void {
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (value > 1) values[index] = 1;
    else if (value < 0) values[index] = 0;
  }
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
    async run(rows, width) {
      if (released) {
        throw unavailable("the model version was replaced");
      }
      const feeds = feedsOf(rows, width);
      let started = 0;
      // ONNX Runtime computes in an immediate of its own; this one is queued just before it.
      setImmediate(() => {
        started = performance.now();
      });
      const fetched = await session.run(feeds);
      const ended = performance.now();
      const classes = fetched["class"]?.data ?? NO_CLASSES;
      const proba = fetched["proba"]?.data;
      const values = proba ?? fetched["values"]?.data ?? NO_VALUES;
      if (!(classes instanceof BigInt64Array) || !(values instanceof Float32Array)) {
        throw new Error("the model returned tensors that differ from its metadata");
      }
      if (proba !== undefined) clampProbabilities(values);
      return { classes, values, started, ended };
    },
    async release() {
      if (released) return;
      released = true;
      await session.release();
    },
  };
}

/** A tensor of a model in its own form: `data` holds texts where `datatype` is `BYTES`, whole numbers as text elsewhere. */
export interface ForeignTensor {
  /** As in {@link TensorSpec}. */
  readonly datatype: string;
  readonly dims: readonly number[];
  readonly data: readonly (string | number)[];
}

/** A model whose tensors have their own names and types. */
export interface ForeignModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Computes every output that is a tensor. */
  run(feeds: Readonly<Record<string, ForeignTensor>>): Promise<Record<string, ForeignTensor>>;
  release(): Promise<void>;
}

function ortTensor({ datatype, dims, data }: ForeignTensor): Tensor {
  if (datatype === "BYTES") return stringTensor(data.map(String), dims);
  const numbers = data.map(Number);
  if (datatype === "FP32") return new Tensor("float32", Float32Array.from(numbers), dims);
  if (datatype === "float64") return new Tensor("float64", Float64Array.from(numbers), dims);
  if (datatype === "bool") return new Tensor("bool", Uint8Array.from(numbers), dims);
  if (datatype === "int32") return new Tensor("int32", Int32Array.from(numbers), dims);
  if (datatype === "INT64") return new Tensor("int64", BigInt64Array.from(numbers, BigInt), dims);
  throw new Error(`a tensor of ${datatype} cannot be fed`);
}

/** Whole numbers of 64 bits as texts, which keep every digit. */
function elements({ data }: Tensor): (string | number)[] {
  const values: Iterable<string | number | bigint> = data;
  return Array.from(values, (value) => (typeof value === "bigint" ? String(value) : value));
}

/** Opens a model that is not in Sepal's form, for its own inputs and outputs; throws as {@link createInferenceSession}. */
export async function openForeignModel(model: Uint8Array): Promise<ForeignModel> {
  const session = await openSession(model, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const outputs = tensorSpecs(session.outputMetadata);
  const asked = outputs.filter(({ datatype }) => datatype !== NO_TENSOR).map(({ name }) => name);
  return {
    inputs: tensorSpecs(session.inputMetadata),
    outputs,
    async run(feeds) {
      const tensors = Object.entries(feeds).map(([name, tensor]) => [name, ortTensor(tensor)]);
      const fetched = await session.run(Object.fromEntries(tensors), asked);
      return Object.fromEntries(
        Object.entries(fetched).map(([name, tensor]) => {
          const { type, dims } = tensor;
          return [name, { datatype: DATATYPES[type] ?? type, dims, data: elements(tensor) }];
        }),
      );
    },
    release: () => session.release(),
  };
}
