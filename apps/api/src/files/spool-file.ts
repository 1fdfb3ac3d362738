import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";

/** Bytes of one read. */
const PIECE_BYTES = 262_144;

const ENDING = ".spool";

/** What the system says when nothing more can be kept. */
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

function writeFailure(cause: unknown): SepalError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (!FULL.has(code)) {
    return new SepalError("internal", "a file cannot be spooled", { cause });
  }
  const options = { reason: "disk_full", retryS: 60, cause };
  return unavailable("the server has no room left for this file", options);
}

/** Bytes on disk for as long as a request takes; the file has no name, so that nothing of it outlives the process. */
export class SpoolFile {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Opens an empty one in a folder, which is made where there is none. */
  static async create(folder: string): Promise<SpoolFile> {
    try {
      await mkdir(folder, { recursive: true });
      const path = join(folder, randomUUID() + ENDING);
      const handle = await open(path, "wx+", 0o600);
      await rm(path, { force: true });
      return new SpoolFile(handle);
    } catch (cause) {
      throw writeFailure(cause);
    }
  }

  /** Writes bytes at a place; fails with `unavailable` when the disk is full. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      let written = 0;
      while (written < bytes.length) {
        const rest = bytes.subarray(written);
        const { bytesWritten } = await this.#handle.write(rest, 0, rest.length, position + written);
        written += bytesWritten;
      }
    } catch (cause) {
      throw writeFailure(cause);
    }
  }

  /** Some of the bytes in `[start, end)`, at least one. */
  async read(start: number, end: number): Promise<Uint8Array> {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, end - start));
    const { bytesRead } = await this.#handle.read(piece, 0, piece.length, start);
    if (bytesRead === 0) throw new Error("a spooled file is shorter than it was written");
    return piece.subarray(0, bytesRead);
  }

  /** All bytes up to a length, in pieces. */
  async *pieces(length: number): AsyncGenerator<Uint8Array, void, void> {
    for (let start = 0; start < length;) {
      const piece = await this.read(start, length);
      start += piece.length;
      yield piece;
    }
  }

  /** Gives the room on disk back. */
  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Removes files of processes that were killed between opening one and taking its name away. */
export async function sweepSpool(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const left = names.filter((name) => name.endsWith(ENDING));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
}
