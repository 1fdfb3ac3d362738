import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Most entries that are kept; of more, the oldest go when the file is read. */
const MAX_KEPT = 1000;

/** Which versions have passed a probe, by keys of their content; kept in a file, where there is a folder for it. */
export class ProbedVersions {
  readonly #keys = new Set<string>();
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
    const text = readFileSync(this.#file, "utf8");
    const keys = text.split("\n").filter((line) => /^[0-9a-f]{64}$/.test(line));
    for (const key of keys.slice(-MAX_KEPT)) this.#keys.add(key);
    if (keys.length > MAX_KEPT) {
      writeFileSync(this.#file, [...this.#keys, ""].join("\n"), { mode: 0o600 });
    }
  }

  /** How many are known. */
  get size(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(key: string): void {
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    // One small write at the end, so that processes which share the folder do not tear each other's lines.
    const file = this.#file;
    if (file !== undefined) this.#keep(() => appendFileSync(file, `${key}\n`, { mode: 0o600 }));
  }
}
