import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, rmSync, type WriteStream } from "node:fs";
import { realpath, rename, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Where a result is written; nothing of it can be seen before it is committed. */
export interface ResultFile {
  /** Takes bytes; waits while too many are unwritten. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the result what was written. */
  commit(): Promise<void>;
  /** Removes what was written; harmless behind a commit. */
  discard(): void;
}

function put(stream: Writable, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

function end(stream: WriteStream): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once("error", reject);
    stream.end(() => resolve());
  });
}

/** Straight into a stream, for what cannot be renamed: a pipe, a terminal, a device. */
function directly(stream: Writable): ResultFile {
  // Every write reports its own failure, such as a reader that has gone.
  stream.on("error", () => {});
  return { write: (bytes) => put(stream, bytes), commit: async () => {}, discard() {} };
}

/** By way of a file of another name, then `settle` puts it in its place. */
function beside(path: string, settle: (path: string) => Promise<void>): ResultFile {
  const stream = createWriteStream(path, { flags: "wx" });
  stream.on("error", () => {});
  return {
    write: (bytes) => put(stream, bytes),
    async commit() {
      await end(stream);
      await settle(path);
    },
    discard() {
      stream.destroy();
      rmSync(path, { force: true });
    },
  };
}

/** Opens the result; with `whole` standard output too gets it at once, when it is committed. */
export async function openResult(output: string, whole: boolean): Promise<ResultFile> {
  const mark = `${randomUUID()}.partial`;
  if (output === "-") {
    if (!whole) return directly(process.stdout);
    return beside(join(tmpdir(), `sepal-${mark}`), async (path) => {
      await pipeline(createReadStream(path), process.stdout, { end: false });
      rmSync(path);
    });
  }
  const found = await stat(output).catch(() => undefined);
  if (found !== undefined && !found.isFile()) {
    if (found.isDirectory()) throw new Error(`${output} is a folder`);
    return directly(createWriteStream(output));
  }
  // A link stays one, and what it names is replaced.
  const target = found === undefined ? output : await realpath(output);
  const partial = join(dirname(target), `.${basename(target)}.${mark}`);
  return beside(partial, (path) => rename(path, target));
}
