import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import * as z from "zod";
import { goldenFile, goldenRows, manifest, modelFile } from "./manifest.ts";
import type { GoldenRow, Manifest, ModelFile } from "./manifest.ts";

/** A model folder: its `model.json` and the versions whose manifest is written. */
export interface ModelFolder {
  readonly name: string;
  readonly path: string;
  readonly file: ModelFile;
  readonly versions: readonly string[];
}

/** The files of one version, read and verified. */
export interface VersionFiles {
  readonly manifest: Manifest;
  readonly model: Uint8Array;
  readonly golden: readonly GoldenRow[];
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  return parseJson(path, await readFile(path, "utf8"), schema);
}

function parseJson<T>(path: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${basename(path)} is not JSON`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(
    `${basename(path)}: ${z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, " ")}`,
  );
}

async function subfolders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

async function contains(path: string, file: string): Promise<boolean> {
  return (await readdir(path)).includes(file);
}

/** Names of the folders in a model repository that hold a `model.json`. */
export async function listModelNames(repository: string): Promise<string[]> {
  const names = await subfolders(repository);
  const isModel = await Promise.all(
    names.map((name) => contains(join(repository, name), "model.json")),
  );
  return names.filter((_, index) => isModel[index]);
}

/** Reads a model folder; a version without a manifest is half-written and therefore none. */
export async function readModelFolder(repository: string, name: string): Promise<ModelFolder> {
  const path = join(repository, name);
  const file = await readJson(join(path, "model.json"), modelFile);
  const folders = await subfolders(path);
  const isVersion = await Promise.all(
    folders.map((folder) => contains(join(path, folder), "manifest.json")),
  );
  return { name, path, file, versions: folders.filter((_, index) => isVersion[index]) };
}

/** Reads one version and holds every file against the checksum in its manifest. */
export async function readVersionFiles(
  folder: ModelFolder,
  version: string,
): Promise<VersionFiles> {
  const path = join(folder.path, version);
  const described = await readJson(join(path, "manifest.json"), manifest);
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
  const read = async (file: keyof Manifest["files"]) => {
    const bytes = await readFile(join(path, file));
    const expected = described.files[file];
    const digest = createHash("sha256").update(bytes).digest("hex");
    if (digest !== expected.sha256) {
      throw new Error(
        `checksum of ${file} is ${digest.slice(0, 12)}…, its manifest says ${expected.sha256.slice(0, 12)}… (${bytes.length} of ${expected.bytes} bytes)`,
      );
    }
    return bytes;
  };
  const [model, golden] = await Promise.all([read("model.onnx"), read("golden.json")]);
  const file = parseJson(join(path, "golden.json"), golden.toString("utf8"), goldenFile);
  return { manifest: described, model, golden: goldenRows(file) };
}
