import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";

/**
 * Reads a whole file, symbolic links followed.
 *
 * Rejects what is no regular file, such as a FIFO, on which a plain read would hang, and a file of more than `maxBytes`.
 */
export async function readRegularFile(
  path: string,
  maxBytes: number,
): Promise<Buffer<ArrayBuffer>> {
  // Without O_NONBLOCK, opening a FIFO waits for its writer.
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const found = await file.stat();
  if (!found.isFile()) throw new Error(`${basename(path)} is not a regular file`);
  if (found.size > maxBytes) {
    throw new Error(`${basename(path)} has ${found.size} bytes; at most ${maxBytes} are allowed`);
  }
  return file.readFile();
}
