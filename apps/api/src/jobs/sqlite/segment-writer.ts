import type { FileHandle } from "node:fs/promises";
import type { Claim } from "../job-store.ts";
import type { Spool } from "./spool.ts";

interface OpenSegment {
  readonly id: string;
  readonly attempt: number;
  readonly file: FileHandle;
}

/** Writes the part of a result that belongs to one attempt; keeps one file open at a time. */
export class SegmentWriter {
  readonly #spool: Spool;
  #segment: OpenSegment | undefined;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  /** Appends and waits until it is on the disk; gives the number of bytes. */
  async append(claim: Claim, output: readonly Uint8Array[]): Promise<number> {
    const file = await this.#open(claim);
    let bytes = 0;
    for (const part of output) {
      await file.writeFile(part);
      bytes += part.byteLength;
    }
    await file.datasync();
    return bytes;
  }

  async #open({ id, attempt }: Claim): Promise<FileHandle> {
    const open = this.#segment;
    if (open?.id === id && open.attempt === attempt) return open.file;
    await this.close();
    const file = await this.#spool.openSegment(id, attempt);
    this.#segment = { id, attempt, file };
    return file;
  }

  async close(): Promise<void> {
    const { file } = this.#segment ?? {};
    this.#segment = undefined;
    await file?.close();
  }
}
