import { SepalError } from "@sepal/schema/sepal-error";
import { ownMemory } from "../http/transferable-memory.ts";
import type { SpoolFile } from "./spool-file.ts";

/** Bytes that wait in memory; what comes on top goes to disk. */
const MEMORY_BYTES = 2 ** 20;

interface QueueOptions {
  /** Opens the file for what does not fit into memory. */
  readonly createFile: () => Promise<SpoolFile>;
  /** Whether a writer must not wait for the reader, because the reader waits for it. */
  readonly mustTake: () => boolean;
}

/** A pipe between one writer and one reader: while the writer must not wait, what the reader leaves lies on disk. */
export class SpillQueue {
  readonly #options: QueueOptions;
  readonly #memory: Uint8Array[] = [];
  #memoryBytes = 0;
  #file: SpoolFile | undefined;
  /** What is in the file and not yet read: `[taken, written)`. */
  #taken = 0;
  #written = 0;
  #writing = false;
  #ended = false;
  #closed = false;
  #failure: unknown;
  #changed = Promise.withResolvers<void>();

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Takes bytes, which are its own from here on; fails with `cancelled` when the reader is gone. */
  async write(bytes: Uint8Array): Promise<void> {
    for (;;) {
      if (this.#closed) throw new SepalError("cancelled", "the client is gone");
      const fits = this.#taken === this.#written && this.#memoryBytes < MEMORY_BYTES;
      if (fits) {
        this.#memory.push(bytes);
        this.#memoryBytes += bytes.length;
        return this.#signal();
      }
      if (this.#options.mustTake()) return this.#spill(bytes);
      await this.#changed.promise;
    }
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true;
    this.#signal();
  }

  /** The reader fails with this after what was written. */
  fail(error: unknown): void {
    this.#failure = error;
    this.end();
  }

  /** What was written, in its order. */
  async *read(): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const bytes = this.#unqueue() ?? (await this.#unspill());
      if (bytes !== undefined) {
        this.#signal();
        yield bytes;
      } else if (this.#closed || (this.#ended && this.#failure === undefined)) return;
      else if (this.#ended) throw this.#failure;
      else await this.#changed.promise;
    }
  }

  /** Ends both sides and gives the room on disk back. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#signal();
    await this.#file?.close();
  }

  async #spill(bytes: Uint8Array): Promise<void> {
    this.#writing = true;
    try {
      this.#file ??= await this.#options.createFile();
      if (this.#closed) await this.#file.close();
      else await this.#file.write(bytes, this.#written);
      this.#written += bytes.length;
      // Freed by hand, where the memory holds nothing else: left to the collector, it piles up.
      ownMemory(bytes)?.transfer(0);
    } finally {
      this.#writing = false;
    }
    this.#signal();
  }

  #unqueue(): Uint8Array | undefined {
    const bytes = this.#memory.shift();
    this.#memoryBytes -= bytes?.length ?? 0;
    return bytes;
  }

  async #unspill(): Promise<Uint8Array | undefined> {
    if (this.#file === undefined || this.#taken === this.#written) return undefined;
    const bytes = await this.#file.read(this.#taken, this.#written);
    this.#taken += bytes.length;
    // Read to its end, the file is written from its beginning again.
    if (this.#taken === this.#written && !this.#writing) {
      this.#taken = 0;
      this.#written = 0;
    }
    return bytes;
  }

  #signal(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}
