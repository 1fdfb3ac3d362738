import type { Contract } from "@sepal/schema/define-contract";
import type { GoldenRow, Manifest } from "./manifest.ts";
import type { RowOrder } from "./session/model-run.ts";

/** What a version was opened from, in a form that other threads can open it from as well. */
export interface ModelSource {
  /** Unique to this load within the process. */
  readonly id: number;
  readonly manifest: Manifest;
  /** A golden row that probes send. */
  readonly canary: GoldenRow;
  /** The ONNX file, in memory that threads share. */
  readonly model: Uint8Array<SharedArrayBuffer>;
  /** The order of rows that it runs fastest in; `null` for their own. */
  readonly order: RowOrder | null;
}

let lastId = 0;

/** Notes what a version is opened from. */
export function modelSource(
  manifest: Manifest,
  canary: GoldenRow,
  bytes: Uint8Array,
  order: RowOrder | null = null,
): ModelSource {
  lastId += 1;
  const model = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  model.set(bytes);
  return { id: lastId, manifest, canary, model, order };
}

/** The contract of a name; throws where it is not compiled in. */
export function contractNamed(
  contracts: Readonly<Record<string, Contract>>,
  name: string,
): Contract {
  // A word such as `constructor` is no contract, though every object has it.
  const contract = Object.hasOwn(contracts, name) ? contracts[name] : undefined;
  if (contract === undefined) throw new Error(`contract ${name} is not compiled into this server`);
  return contract;
}
