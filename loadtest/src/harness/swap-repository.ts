import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { ROOT } from "../settings.ts";
import { irisRows, jitteredRows, seededRandom } from "./request-bodies.ts";

/** A row for which the three graphs have different probabilities. */
const TELLING = [6, 2.7, 5.1, 1.6];

/** Rows of a batch, enough for the worker threads; singles take one after the other. */
export const ROWS = [TELLING, ...jitteredRows(irisRows(), 1499, seededRandom(11))];

/** The predictions of one graph for each of the rows. */
export type RowPredictions = readonly string[];

/** A request that takes longer hangs, in milliseconds. */
const HANG_MS = 10_000;

const probabilities = z.object({ proba: z.array(z.number()) });
const single = probabilities.extend({ model_version: z.string() });
const batch = z.object({ model_version: z.string(), predictions: z.array(probabilities) });

/** A prediction, and the version that made it. */
export interface VersionPrediction {
  readonly version: string;
  readonly proba: string;
}

async function post(url: string, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(HANG_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 200)}`);
  return JSON.parse(text);
}

/** Lets a model predict one row, by default the one that tells the graphs apart. */
export async function predictSingle(
  origin: string,
  model: string,
  row = 0,
): Promise<VersionPrediction> {
  const body = { features: ROWS[row], model_name: model };
  const prediction = single.parse(await post(`${origin}/predict`, body));
  return { version: prediction.model_version, proba: JSON.stringify(prediction.proba) };
}

/** Lets a model predict all rows at once. */
export async function predictBatch(origin: string, model: string): Promise<RowPredictions> {
  const body = { rows: ROWS, model_name: model };
  const { predictions } = batch.parse(await post(`${origin}/predict-batch`, body));
  return predictions.map(({ proba }) => JSON.stringify(proba));
}

const MODEL = "iris-forest";

/** A swap that takes longer has failed, in milliseconds. */
const SWAP_LIMIT_MS = 30_000;
const POLL_MS = 10;

/** Models whose graphs are put into the versions in turns. */
export const GRAPHS = ["iris-forest", "iris-logistic", "iris-mlp"] as const;

/** One of {@link GRAPHS}. */
export type Graph = (typeof GRAPHS)[number];

/** The graph of a swap: never the one that its version had before. */
export function graphOf(swap: number): Graph {
  return GRAPHS[swap % GRAPHS.length] ?? MODEL;
}

function filesOf(graph: Graph) {
  const read = (name: string) => readFileSync(`${ROOT}models/${graph}/1/${name}`);
  return { "model.onnx": read("model.onnx"), "golden.json": read("golden.json") };
}

function sum(bytes: Buffer) {
  return { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length };
}

/** A model repository of the experiment's own, whose model is given other versions. */
export class SwapRepository implements Disposable {
  readonly model = MODEL;
  readonly path = mkdtempSync(join(tmpdir(), "sepal-swaps-"));
  readonly #files = new Map(GRAPHS.map((graph) => [graph, filesOf(graph)]));
  readonly #manifest: Record<string, unknown>;
  readonly #modelFile: Record<string, unknown>;

  constructor() {
    for (const name of [...GRAPHS, "datasets"]) {
      cpSync(`${ROOT}models/${name}`, join(this.path, name), { recursive: true });
    }
    this.#manifest = JSON.parse(readFileSync(join(this.path, MODEL, "1/manifest.json"), "utf8"));
    this.#modelFile = JSON.parse(readFileSync(join(this.path, MODEL, "model.json"), "utf8"));
  }

  /** Replaces a file so that no reader sees half of it. */
  #write(path: string, data: Buffer | string): void {
    writeFileSync(`${path}.part`, data);
    renameSync(`${path}.part`, path);
  }

  /** Writes a version with a graph, its manifest last. */
  #writeVersion(version: string, graph: Graph): void {
    const folder = join(this.path, MODEL, version);
    const files = this.#files.get(graph);
    if (files === undefined) throw new Error(`there is no ${graph}`);
    mkdirSync(folder, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) this.#write(join(folder, name), bytes);
    const sums = Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [name, sum(bytes)]),
    );
    const manifest = { ...this.#manifest, version, files: sums };
    this.#write(join(folder, "manifest.json"), JSON.stringify(manifest));
  }

  /** Names the version that serves by default. */
  #setDefault(version: string): void {
    const file = { ...this.#modelFile, default_version: version };
    this.#write(join(this.path, MODEL, "model.json"), JSON.stringify(file));
  }

  /** Writes a graph into a version, makes that the default, and waits until the server predicts with it. */
  async swapTo(origin: string, version: string, graph: Graph, expected?: string): Promise<void> {
    this.#writeVersion(version, graph);
    this.#setDefault(version);
    const end = performance.now() + SWAP_LIMIT_MS;
    for (;;) {
      const made = await predictSingle(origin, MODEL);
      if (made.version === version && made.proba === (expected ?? made.proba)) return;
      if (performance.now() > end) throw new Error(`version ${version} never served`);
      await pause(POLL_MS);
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
