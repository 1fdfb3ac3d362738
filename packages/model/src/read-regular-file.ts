import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";

/** Reads a whole file, symbolic links followed; refuses what is no regular file, such as a FIFO, on which a plain read would hang. */
export async function readRegularFile(path: string): Promise<Buffer<ArrayBuffer>> {
  // Without O_NONBLOCK, opening a FIFO waits for its writer.
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (!(await file.stat()).isFile()) throw new Error(`${basename(path)} is not a regular file`);
  return file.readFile();
}
