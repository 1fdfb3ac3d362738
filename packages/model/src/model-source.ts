import { encodeModel } from "@sepal/evaluator/binary-form";
import { readGraph } from "@sepal/evaluator/read-graph";
import type { GoldenRow, Manifest } from "./manifest.ts";
import type { Engine } from "./engine.ts";

interface Origin {
  readonly manifest: Manifest;
  /** SHA-256 of the manifest. */
  readonly digest: string;
  readonly engine: Engine;
}

/** What a version was opened from, in a form that other threads can open it from as well. */
export interface ModelSource extends Origin {
  /** Unique to this load within the process. */
  readonly id: number;
  /** A golden row that probes send. */
  readonly canary: GoldenRow;
  /** The ONNX file or the evaluator's binary form, as its engine takes it, in memory that threads share. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

let lastId = 0;

/** Notes what a version is opened from; `model` is its ONNX file. */
export function modelSource(
  { manifest, digest, engine, model }: Origin & { readonly model: Uint8Array },
  canary: GoldenRow,
): ModelSource {
  lastId += 1;
  const form = engine.name === "evaluator" ? encodeModel(readGraph(model)) : model;
  const bytes = new Uint8Array(new SharedArrayBuffer(form.byteLength));
  bytes.set(form);
  return { id: lastId, manifest, digest, engine, canary, bytes };
}
