import { createHash } from "node:crypto";
import { readdir, stat, open } from "node:fs/promises";
import { basename, join } from "node:path";
import * as z from "zod";
import {
  goldenFile,
  goldenRows,
  manifest,
  modelFile,
  type GoldenRow,
  type Manifest,
  type ModelFile,
} from "../manifest.ts";
import { constants } from "node:fs";

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

/** A text that is another one when the file behind a path is replaced, written or gone; symbolic links followed, nothing read. */
export async function fileStamp(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(":");
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "?";
  }
}

/** A model folder with its `model.json`. */
export interface ModelFolder {
  readonly name: string;
  readonly path: string;
  readonly file: ModelFile;
}

/** Most bytes of a `model.json` or `manifest.json`: a manifest of 1,000 features has 0.4 MB. */
const MAX_DESCRIPTION_BYTES = 8 * 2 ** 20;

/** The files of one version, read and verified. */
export interface VersionFiles {
  /** SHA-256 of the manifest, whose checksums pin the other files. */
  readonly digest: string;
  readonly manifest: Manifest;
  readonly model: Uint8Array;
  readonly golden: readonly GoldenRow[];
  /** `index.json`, which is parsed where it is searched; absent where nothing is. */
  readonly index: Uint8Array | undefined;
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const bytes = await readRegularFile(path, MAX_DESCRIPTION_BYTES);
  return parseAs(path, bytes.toString("utf8"), schema);
}

/** The JSON of a file; throws with the file's name where it is none. */
export function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${basename(path)} is not JSON`, { cause });
  }
}

function parseAs<T>(path: string, text: string, schema: z.ZodType<T>): T {
  const value = parseJson(path, text);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(
    `${basename(path)}: ${z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, " ")}`,
  );
}

async function leadsToFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** Folders and links to folders; hidden ones, such as the `..data` of a Kubernetes volume, are left out. */
async function subfolders(path: string): Promise<string[]> {
  const entries = (await readdir(path, { withFileTypes: true })).filter(
    ({ name }) => !name.startsWith("."),
  );
  const isFolder = await Promise.all(
    entries.map(
      async (entry) =>
        entry.isDirectory() ||
        (entry.isSymbolicLink() && (await leadsToFolder(join(path, entry.name)))),
    ),
  );
  return entries
    .filter((_, index) => isFolder[index])
    .map((entry) => entry.name)
    .toSorted();
}

/** Whether a folder has an entry; one that is gone has none, one that cannot be read is for its reader to complain about. */
async function contains(path: string, file: string): Promise<boolean> {
  try {
    return (await readdir(path)).includes(file);
  } catch (error) {
    return !isGone(error);
  }
}

/** Whether a file or folder does not exist, as opposed to one that cannot be read. */
function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** Names of the folders in a model repository that hold a `model.json`. */
export async function listModelNames(repository: string): Promise<string[]> {
  const names = await subfolders(repository);
  const isModel = await Promise.all(
    names.map((name) => contains(join(repository, name), "model.json")),
  );
  return names.filter((_, index) => isModel[index]);
}

/** Reads the `model.json` of a model folder. */
export function readModelFile(path: string): Promise<ModelFile> {
  return readJson(join(path, "model.json"), modelFile);
}

/** Reads a model folder of a repository. */
export async function readModelFolder(repository: string, name: string): Promise<ModelFolder> {
  const path = join(repository, name);
  return { name, path, file: await readModelFile(path) };
}

/** Names of the versions in a model folder; one without a manifest is half-written and therefore none. */
export async function listVersions(path: string): Promise<string[]> {
  const folders = await subfolders(path);
  const isVersion = await Promise.all(
    folders.map((folder) => contains(join(path, folder), "manifest.json")),
  );
  return folders.filter((_, index) => isVersion[index]);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function readManifest(path: string): Promise<Buffer> {
  return readRegularFile(join(path, "manifest.json"), MAX_DESCRIPTION_BYTES);
}

/** SHA-256 of a version's manifest, and with it of every file whose checksum is right; nothing is parsed. */
export async function manifestDigest(path: string): Promise<string> {
  return sha256(await readManifest(path));
}

/**
 * Reads one version and verifies every file against the checksum in its manifest.
 *
 * Where `admitted` is given, a manifest of another digest is rejected before it is parsed.
 */
export async function readVersionFiles(
  folder: ModelFolder,
  version: string,
  admitted?: string,
): Promise<VersionFiles> {
  const path = join(folder.path, version);
  const text = await readManifest(path);
  const digest = sha256(text);
  if (admitted !== undefined && digest !== admitted) {
    throw new Error("its files were changed while it was probed");
  }
  const described = parseAs("manifest.json", text.toString("utf8"), manifest);
  if (described.model_name !== folder.name || described.version !== version) {
    throw new Error(
      `manifest is of ${described.model_name} ${described.version}, not of ${folder.name} ${version}`,
    );
  }
  if (described.contract !== folder.file.contract) {
    throw new Error(
      `manifest names contract ${described.contract}, model.json ${folder.file.contract}`,
    );
  }
  const read = async (file: string, expected: Manifest["files"]["model.onnx"]) => {
    const bytes = await readRegularFile(join(path, file), expected.bytes);
    const found = sha256(bytes);
    if (found !== expected.sha256) {
      throw new Error(
        `checksum of ${file} is ${found.slice(0, 12)}…, its manifest says ${expected.sha256.slice(0, 12)}… (${bytes.length} of ${expected.bytes} bytes)`,
      );
    }
    return bytes;
  };
  const { "model.onnx": ofModel, "golden.json": ofGolden, "index.json": ofIndex } = described.files;
  const [model, golden, index] = await Promise.all([
    read("model.onnx", ofModel),
    read("golden.json", ofGolden),
    ofIndex && read("index.json", ofIndex),
  ]);
  const file = parseAs(join(path, "golden.json"), golden.toString("utf8"), goldenFile);
  return { digest, manifest: described, model, golden: goldenRows(file, described), index };
}
