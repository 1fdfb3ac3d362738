import { stat } from "node:fs/promises";
import { join } from "node:path";

/** The files that make up a version. */
const VERSION_FILES = ["manifest.json", "model.onnx", "golden.json"] as const;

/** A text that is another one when the file behind a path is replaced, written or gone; symbolic links followed, nothing read. */
export async function fileStamp(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(":");
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "?";
  }
}

/** The same for all files of a version's folder. */
export async function versionStamp(path: string): Promise<string> {
  return (await Promise.all(VERSION_FILES.map((file) => fileStamp(join(path, file))))).join(" ");
}
