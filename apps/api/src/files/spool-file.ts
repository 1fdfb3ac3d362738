import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import { PRIVATE_FILE, PRIVATE_FOLDER } from "../private-data.ts";

/** Bytes of one read. */
const PIECE_BYTES = 262_144;

const ENDING = ".spool";

/** Where spooled files of this process lie, and how many bytes all of them may have. */
export interface SpoolPlace {
  readonly folder: string;
  readonly maxBytes: number;
}

/** Bytes that open spool files of this process have on disk. */
let spooled = 0;

/** The system's codes for a disk without room. */
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

function writeFailure(cause: unknown): SepalError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (!FULL.has(code)) {
    return new SepalError("internal", "a file cannot be spooled", { cause });
  }
  return noRoom(cause);
}

function noRoom(cause?: unknown): SepalError {
  const options = { reason: "disk_full", retryS: 60, cause };
  return unavailable("the server has no room left for this file", options);
}

/** Bytes on disk for as long as a request takes; the file has no name, so that nothing of it outlives the process. */
export class SpoolFile {
  readonly #handle: FileHandle;
  readonly #maxBytes: number;
  /** Bytes that it has, or will with the write under way. */
  #bytes = 0;
  #closed = false;

  private constructor(handle: FileHandle, maxBytes: number) {
    this.#handle = handle;
    this.#maxBytes = maxBytes;
  }

  /** Opens an empty one in a folder, which is made where there is none. */
  static async create({ folder, maxBytes }: SpoolPlace): Promise<SpoolFile> {
    try {
      await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
      const path = join(folder, randomUUID() + ENDING);
      const handle = await open(path, "wx+", PRIVATE_FILE);
      await rm(path, { force: true });
      return new SpoolFile(handle, maxBytes);
    } catch (cause) {
      throw writeFailure(cause);
    }
  }

  /** Writes bytes at a place; fails with `unavailable` when the disk is full, or all such files have too many bytes. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    this.#reserve(position + bytes.length);
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

  #reserve(length: number): void {
    const more = length - this.#bytes;
    if (more <= 0 || this.#closed) return;
    if (spooled + more > this.#maxBytes) throw noRoom();
    spooled += more;
    this.#bytes = length;
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
    if (!this.#closed) spooled -= this.#bytes;
    this.#closed = true;
    return this.#handle.close();
  }
}

/** Removes files of processes that were killed between opening one and taking its name away. */
export async function sweepSpool(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const left = names.filter((name) => name.endsWith(ENDING));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
}
