import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engine, type Engine } from "../engine.ts";

/** Most entries that are kept; of more, the oldest go when the file is read. */
const MAX_KEPT = 1000;

/** A line of the file: the key and, as JSON, the engine. */
const LINE = /^([0-9a-f]{64}) (\{.*\})$/;

/** Which versions have passed a probe and with which engine, by keys of their content; kept in a file, where there is a folder for it. */
export class ProbedVersions {
  readonly #engines = new Map<string, Engine>();
  readonly #file: string | undefined;
  readonly #onFault: (error: unknown) => void;

  /** `onFault` is called when the file cannot be read or written: then what has passed is known until this process ends. */
  constructor(folder: string | undefined, onFault: (error: unknown) => void = () => undefined) {
    this.#file = folder === undefined ? undefined : join(folder, "probed-versions");
    this.#onFault = onFault;
    if (folder !== undefined) this.#keep(() => this.#read(folder));
  }

  #keep(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#onFault(error);
    }
  }

  #read(folder: string): void {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (this.#file === undefined) return;
    // Made where it is not there.
    appendFileSync(this.#file, "", { mode: 0o600 });
    const lines = readFileSync(this.#file, "utf8")
      .split("\n")
      .filter((line) => this.#take(line));
    if (lines.length <= MAX_KEPT) return;
    const kept = lines.slice(-MAX_KEPT);
    this.#engines.clear();
    kept.forEach((line) => this.#take(line));
    writeFileSync(this.#file, [...kept, ""].join("\n"), { mode: 0o600 });
  }

  /** Takes over a line; `false` where it is none, such as one that was half written. */
  #take(line: string): boolean {
    const [, key = "", json = ""] = LINE.exec(line) ?? [];
    const { data } = engine.safeParse(parsedOrNull(json));
    if (data === undefined) return false;
    this.#engines.set(key, data);
    return true;
  }

  /** How many are known. */
  get size(): number {
    return this.#engines.size;
  }

  /** The engine of a version that has passed. */
  get(key: string): Engine | undefined {
    return this.#engines.get(key);
  }

  set(key: string, found: Engine): void {
    if (this.#engines.has(key)) return;
    this.#engines.set(key, found);
    // One small write at the end, so that processes which share the folder do not tear each other's lines.
    const file = this.#file;
    const line = `${key} ${JSON.stringify(found)}\n`;
    if (file !== undefined) this.#keep(() => appendFileSync(file, line, { mode: 0o600 }));
  }
}

function parsedOrNull(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
