import type { ScoredChunk } from "@sepal/model/scoring/score-file";
import type { Progress } from "./job-store.ts";

/** How long results are collected before they are written, in milliseconds, and how many bytes at most. */
const CHECKPOINT_MS = 100;
const CHECKPOINT_BYTES = 4 * 2 ** 20;

/** Chunks that wait to be written together: each writing waits for the disk. */
export class CollectedChunks {
  #output: Uint8Array[] = [];
  #bytes = 0;
  #rows = 0;
  #badRows = 0;
  #last: ScoredChunk | undefined;
  #since = performance.now();
  readonly #checksum: string;

  /** `checksum` is that of the model that makes them. */
  constructor(checksum: string) {
    this.#checksum = checksum;
  }

  add(chunk: ScoredChunk): void {
    this.#output.push(chunk.output);
    this.#bytes += chunk.output.byteLength;
    this.#rows += chunk.rows;
    this.#badRows += chunk.badRows;
    this.#last = chunk;
  }

  /** Whether it is time to write them. */
  get due(): boolean {
    return this.#bytes >= CHECKPOINT_BYTES || performance.now() - this.#since >= CHECKPOINT_MS;
  }

  /** All of them as one step, and begins anew; absent where there are none. */
  take(): Progress | undefined {
    const state = this.#last?.state;
    const progress = state && {
      output: this.#output,
      rows: this.#rows,
      badRows: this.#badRows,
      state,
      checksum: this.#checksum,
    };
    this.#output = [];
    this.#bytes = 0;
    this.#rows = 0;
    this.#badRows = 0;
    this.#last = undefined;
    this.#since = performance.now();
    return progress;
  }
}
