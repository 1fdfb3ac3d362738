import { outputShape, textFeature, type Contract } from "@sepal/schema/define-contract";
import { batchingPays } from "../session/warm-up.ts";
import { openIndex } from "./open-index.ts";
import { verifyGolden } from "./canary.ts";
import type { BatchLimits } from "../batching/dynamic-batcher.ts";
import { UNOBSERVED, type InferenceObserver, type Lane } from "../session/inference-observer.ts";
import { openModel } from "../session/open-model.ts";
import type { EngineChoice } from "../engine.ts";
import {
  INPUT_NAMES,
  type InferenceSession,
  type TensorSpec,
} from "../session/inference-session.ts";
import type { Manifest } from "../manifest.ts";
import type { Admitted, AdmittedFiles } from "./admission.ts";
import { chooseEngine } from "./engine-gate.ts";
import { readVersionFiles, type ModelFolder } from "./model-files.ts";
import { contractNamed, type ContractLookup } from "./contract-registry.ts";
import { modelSource } from "../model-source.ts";
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
  const isText = textFeature(contract) !== undefined;
  const name = isText ? INPUT_NAMES.text : INPUT_NAMES.numbers;
  const datatype = isText ? "BYTES" : "FP32";
  return {
    inputs: [{ name, datatype, shape: [-1, contract.features.length] }],
    outputs: contractOutputs(contract),
  };
}

function contractOutputs(contract: Contract): TensorSpec[] {
  const { hasClass, width } = outputShape(contract);
  const name = hasClass ? "proba" : "values";
  return [
    ...(hasClass ? [{ name: "class", datatype: "INT64", shape: [-1] }] : []),
    ...(width > 0 ? [{ name, datatype: "FP32", shape: [-1, width] }] : []),
  ];
}

function requireNames(what: string, found: readonly string[], expected: readonly string[]) {
  if (found.length === expected.length && found.every((name, at) => name === expected[at])) return;
  throw new Error(`${what} are ${found.join(", ")}; the contract has ${expected.join(", ")}`);
}

function requireContract(contract: Contract, manifest: Manifest) {
  const { inputs, outputs } = contractTensors(contract);
  requireTensors("manifest inputs", manifest.inputs, inputs);
  requireTensors("manifest outputs", manifest.outputs, outputs);
  const names = (columns: readonly { readonly name: string }[]) => columns.map(({ name }) => name);
  requireNames("features", names(manifest.features), names(contract.features));
  if (contract.task === "regression") {
    requireNames("targets", names(manifest.targets ?? []), names(contract.targets));
  } else if (contract.task === "classification") {
    const labels = manifest.classes?.map(({ label }) => label) ?? [];
    requireNames("classes", labels, contract.classes);
  }
}

function requireSession(session: InferenceSession, manifest: Manifest) {
  requireTensors("inputs", session.inputs, manifest.inputs);
  requireTensors("outputs", session.outputs, manifest.outputs);
}

/** What versions are opened with. */
export interface ServeOptions {
  readonly contracts: ContractLookup;
  readonly limits: BatchLimits;
  readonly observer: InferenceObserver;
  /** Which way batches of this registry go. */
  readonly lane: Lane;
}

/** Opens and proves a version from its verified files; throws with the reason it may not serve. */
export async function loadVersion(
  { golden, ...files }: AdmittedFiles,
  { contracts, limits, observer, lane }: ServeOptions,
): Promise<ServedModel> {
  const { manifest, engine } = files;
  const contract = contractNamed(contracts, manifest.contract);
  requireContract(contract, manifest);
  const [canary] = golden;
  if (canary === undefined) throw new Error("the version has no golden rows");
  const source = modelSource(files, canary);
  const opened = await openModel(engine.name, source.bytes);
  const { session } = opened;
  try {
    requireSession(session, manifest);
    // Rows of the evaluator cost the same alone and together.
    const pays = engine.name === "evaluator" || (await batchingPays(session, canary.features));
    const served = new ServedModel({
      contract,
      source,
      opened,
      limits: pays ? limits : { ...limits, maxBatchSize: 1 },
      observer,
      lane,
    });
    await verifyGolden(served, golden);
    if (files.index !== undefined) served.index = await openIndex(served, files.index);
    return served;
  } catch (error) {
    await session.release();
    throw error;
  }
}

/** Loads a version as a server does and frees it again; throws the reason it may not serve. */
export async function proveVersion(
  folder: ModelFolder,
  version: string,
  contract: Contract,
  choice: EngineChoice,
): Promise<Admitted> {
  const files = await readVersionFiles(folder, version);
  const engine = await chooseEngine(files, contract, choice);
  const served = await loadVersion(
    { ...files, engine },
    {
      contracts: new Map([[contract.name, contract]]),
      limits: { maxBatchSize: 64, maxDelayMs: 0, maxQueueRows: 4096 },
      observer: UNOBSERVED,
      lane: "batch",
    },
  );
  await served.retire();
  return { digest: files.digest, engine };
}
