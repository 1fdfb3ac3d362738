import { createReadStream, existsSync } from "node:fs";
import { mkdir, open, readdir, rm, stat, statfs, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import * as z from "zod";
import { PRIVATE_FILE, PRIVATE_FOLDER } from "../../private-data.ts";

/** Bytes read at once. */
const READ_BYTES = 262_144;

/** Bytes that results leave free, for the database to record the state of jobs. */
const SPARE_BYTES = 262_144;

/** How many bytes of which attempt belong to the result, in the order of the result. */
export const segmentList = z.array(z.object({ attempt: z.int(), bytes: z.int() }));

/** See {@link segmentList}. */
export type Segments = z.infer<typeof segmentList>;

/** Makes the names of a folder survive a power failure. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * The files of jobs: a folder each, with the input and one file an attempt for the result.
 *
 * No two attempts write to one file, so that one that was believed dead can spoil nothing.
 */
export class Spool {
  readonly #root: string;

  constructor(dataDir: string) {
    this.#root = join(dataDir, "jobs");
  }

  #inputPath(id: string): string {
    return join(this.#root, id, "input");
  }

  #segmentPath(id: string, attempt: number): string {
    return join(this.#root, id, `${attempt}.part`);
  }

  /** Writes an input durably; `take` sees every piece first and may fail. */
  async writeInput(
    id: string,
    source: AsyncIterable<Uint8Array>,
    take: (piece: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const folder = join(this.#root, id);
    await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
    const file = await open(this.#inputPath(id), "wx", PRIVATE_FILE);
    try {
      for await (const piece of source) {
        await take(piece);
        await file.writeFile(piece);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await syncFolder(folder);
    await syncFolder(this.#root);
  }

  /** Whether a result can grow by so many bytes. */
  async hasRoom(bytes: number): Promise<boolean> {
    const { blocks, bavail, bsize } = await statfs(this.#root);
    // Some network file systems report nothing.
    return blocks === 0 || bavail * bsize >= bytes + SPARE_BYTES;
  }

  /** The input from byte `start` on. */
  readInput(id: string, start: number): AsyncIterable<Uint8Array> {
    return createReadStream(this.#inputPath(id), { start, highWaterMark: READ_BYTES });
  }

  /** Opens the part of the result that an attempt writes, empty. */
  async openSegment(id: string, attempt: number): Promise<FileHandle> {
    const file = await open(this.#segmentPath(id, attempt), "w", PRIVATE_FILE);
    await syncFolder(join(this.#root, id));
    return file;
  }

  /** The result, from its parts one after the other. */
  readResult(id: string, segments: Segments): Readable {
    const pieces = async function* (this: Spool) {
      for (const { attempt, bytes } of segments) {
        if (bytes === 0) continue;
        const options = { end: bytes - 1, highWaterMark: READ_BYTES };
        yield* createReadStream(this.#segmentPath(id, attempt), options);
      }
    };
    return Readable.from(pieces.call(this), { objectMode: false });
  }

  /** Removes the input alone. */
  removeInput(id: string): Promise<void> {
    return rm(this.#inputPath(id), { force: true });
  }

  /** Removes all of a job's files. */
  remove(id: string): Promise<void> {
    return rm(join(this.#root, id), { recursive: true, force: true });
  }

  /** Whether a job or an upload has files. */
  has(id: string): boolean {
    return existsSync(join(this.#root, id));
  }

  /** Ids whose files were not written to for `ageMs` milliseconds. */
  async idle(ageMs: number): Promise<string[]> {
    const ids = await readdir(this.#root).catch(() => []);
    const old = await Promise.all(
      ids.map(async (id) => {
        const path = this.#inputPath(id);
        const seen = await stat(path).catch(() =>
          stat(join(this.#root, id)).catch(() => undefined),
        );
        return seen !== undefined && Date.now() - seen.mtimeMs > ageMs;
      }),
    );
    return ids.filter((_, index) => old[index] === true);
  }
}
