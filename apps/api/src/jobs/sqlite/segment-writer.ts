import type { FileHandle } from "node:fs/promises";
import type { Claim } from "../job-store.ts";
import type { Spool } from "./spool.ts";

interface OpenSegment {
  readonly id: string;
  readonly attempt: number;
  readonly file: FileHandle;
  /** Bytes that belong to the result, or will with the next commit. */
  length: number;
}

/** Writes the part of a result that belongs to one attempt; keeps one file open at a time. */
export class SegmentWriter {
  readonly #spool: Spool;
  #segment: OpenSegment | undefined;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  /** Appends, waits until it is on the disk and commits; `reserve` is asked first, and of what is not committed nothing stays. */
  async append(
    claim: Claim,
    output: readonly Uint8Array[],
    { reserve, commit }: Record<"reserve" | "commit", (bytes: number) => void>,
  ): Promise<void> {
    const segment = await this.#open(claim);
    const { file, length } = segment;
    const bytes = output.reduce((sum, part) => sum + part.byteLength, 0);
    reserve(bytes);
    if (!(await this.#spool.hasRoom(bytes))) {
      throw Object.assign(new Error("too little room for a checkpoint"), { code: "ENOSPC" });
    }
    try {
      for (const part of output) await file.writeFile(part);
      await file.datasync();
      commit(bytes);
    } catch (error) {
      // On a full disk the database needs room to record that.
      await file.truncate(length).catch(() => {});
      throw error;
    }
    segment.length += bytes;
  }

  async #open({ id, attempt }: Claim): Promise<OpenSegment> {
    const open = this.#segment;
    if (open?.id === id && open.attempt === attempt) return open;
    await this.close();
    const file = await this.#spool.openSegment(id, attempt);
    this.#segment = { id, attempt, file, length: 0 };
    return this.#segment;
  }

  async close(): Promise<void> {
    const { file } = this.#segment ?? {};
    this.#segment = undefined;
    await file?.close();
  }
}
