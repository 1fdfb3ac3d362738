import type { Contract } from "@sepal/schema/define-contract";
import { batchingPays, orderThatPays } from "../session/warm-up.ts";
import { verifyGolden } from "./canary.ts";
import type { BatchLimits } from "../batching/dynamic-batcher.ts";
import { UNOBSERVED, type InferenceObserver, type Lane } from "../session/inference-observer.ts";
import {
  createInferenceSession,
  type InferenceSession,
  type TensorSpec,
} from "../session/inference-session.ts";
import type { Manifest } from "../manifest.ts";
import { type VersionFiles, readVersionFiles, type ModelFolder } from "./model-files.ts";
import { contractNamed, modelSource } from "../model-source.ts";
import { ServedModel } from "../served-model.ts";

function describe(tensors: readonly TensorSpec[]): string {
  return tensors
    .map(({ name, datatype, shape }) => `${name} ${datatype} [${shape.join(", ")}]`)
    .join(", ");
}

function requireTensors(
  what: string,
  found: readonly TensorSpec[],
  expected: readonly TensorSpec[],
) {
  if (describe(found) !== describe(expected)) {
    throw new Error(
      `${what} of the model file: ${describe(found)}; expected: ${describe(expected)}`,
    );
  }
}

/** The tensors that a model of this contract takes and gives. */
function contractTensors(contract: Contract) {
  return {
    inputs: [{ name: "features", datatype: "FP32", shape: [-1, contract.features.length] }],
    outputs: [
      { name: "class", datatype: "INT64", shape: [-1] },
      { name: "proba", datatype: "FP32", shape: [-1, contract.classes.length] },
    ],
  };
}

function requireContract(contract: Contract, manifest: Manifest) {
  const { inputs, outputs } = contractTensors(contract);
  requireTensors("manifest inputs", manifest.inputs, inputs);
  requireTensors("manifest outputs", manifest.outputs, outputs);
  const features = manifest.features.map((feature) => feature.name).join(", ");
  const expected = contract.features.map((feature) => feature.name).join(", ");
  if (features !== expected)
    throw new Error(`features are ${features}; the contract has ${expected}`);
  const classes = manifest.classes.map(({ label }) => label).join(", ");
  if (classes !== contract.classes.join(", ")) {
    throw new Error(`classes are ${classes}; the contract has ${contract.classes.join(", ")}`);
  }
}

function requireSession(session: InferenceSession, manifest: Manifest) {
  requireTensors("inputs", session.inputs, manifest.inputs);
  requireTensors("outputs", session.outputs, manifest.outputs);
}

/** What versions are opened with. */
export interface ServeOptions {
  readonly contracts: Readonly<Record<string, Contract>>;
  readonly limits: BatchLimits;
  readonly observer: InferenceObserver;
  /** Which way batches of this registry go. */
  readonly lane: Lane;
}

/** Opens, warms and proves a version from its verified files; throws with the reason it may not serve. */
export async function loadVersion(
  { manifest, model, golden }: VersionFiles,
  { contracts, limits, observer, lane }: ServeOptions,
): Promise<ServedModel> {
  const contract = contractNamed(contracts, manifest.contract);
  requireContract(contract, manifest);
  const session = await createInferenceSession(model);
  try {
    requireSession(session, manifest);
    const canary = golden[0];
    if (canary === undefined) throw new Error("the version has no golden rows");
    const pays = await batchingPays(session, canary.features);
    const rows = golden.map(({ features }) => features);
    const order = await orderThatPays(session, rows, manifest.features);
    const served = new ServedModel({
      contract,
      source: modelSource(manifest, canary, model, order),
      session,
      limits: pays ? limits : { ...limits, maxBatchSize: 1 },
      observer,
      lane,
    });
    await verifyGolden(served, golden);
    return served;
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** Loads a version as a server does and frees it again; gives the digest of its manifest, or throws the reason it may not serve. */
export async function proveVersion(
  folder: ModelFolder,
  version: string,
  contract: Contract,
): Promise<string> {
  const files = await readVersionFiles(folder, version);
  const served = await loadVersion(files, {
    contracts: { [contract.name]: contract },
    limits: { maxBatchSize: 64, maxDelayMs: 0, maxQueueRows: 4096 },
    observer: UNOBSERVED,
    lane: "batch",
  });
  await served.retire();
  return files.digest;
}
