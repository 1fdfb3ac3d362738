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
import { ROOT } from "../root.ts";

const MODEL = "iris-forest";

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
  writeVersion(version: string, graph: Graph): void {
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

  /** Names the version that answers by default. */
  setDefault(version: string): void {
    const file = { ...this.#modelFile, default_version: version };
    this.#write(join(this.path, MODEL, "model.json"), JSON.stringify(file));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
