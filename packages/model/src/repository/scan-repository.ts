import { join } from "node:path";
import { failureReason } from "./failure-reason.ts";
import type { ModelFile } from "../manifest.ts";
import { fileStamp, listModelNames, listVersions, readModelFile } from "./model-files.ts";

/** The files that make up a version. */
const VERSION_FILES = ["manifest.json", "model.onnx", "golden.json"] as const;

/** A text that is another one when any file of a version's folder has changed. */
export async function versionStamp(path: string): Promise<string> {
  return (await Promise.all(VERSION_FILES.map((file) => fileStamp(join(path, file))))).join(" ");
}

/** A model folder as a look at the disk finds it. */
export interface ScannedModel {
  readonly name: string;
  readonly path: string;
  /** `undefined` where `model.json` cannot be read. */
  readonly file: ModelFile | undefined;
  /** Why it cannot be read. */
  readonly reason: string | null;
  /** Versions with the stamps of their files; `undefined` where the folder cannot be read. */
  readonly versions: ReadonlyMap<string, string> | undefined;
  /** Another text whenever anything of the above has changed. */
  readonly stamp: string;
}

async function scanVersions(path: string): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const versions = await listVersions(path);
    return new Map(
      await Promise.all(
        versions.map(
          async (version) => [version, await versionStamp(join(path, version))] as const,
        ),
      ),
    );
  } catch {
    return undefined;
  }
}

async function scanModel(repository: string, name: string): Promise<ScannedModel> {
  const path = join(repository, name);
  // Before it is read: a change in between is seen at the next look.
  const fileStamped = await fileStamp(join(path, "model.json"));
  const versions = await scanVersions(path);
  const stamp = JSON.stringify([fileStamped, versions && [...versions]]);
  try {
    const file = await readModelFile(path);
    return { name, path, file, reason: null, versions, stamp };
  } catch (error) {
    return { name, path, file: undefined, reason: failureReason(error), versions, stamp };
  }
}

/** Looks at every model folder of a repository; throws where the repository itself cannot be read. */
export async function scanRepository(
  repository: string,
): Promise<ReadonlyMap<string, ScannedModel>> {
  const names = await listModelNames(repository);
  const models = await Promise.all(names.map((name) => scanModel(repository, name)));
  return new Map(models.map((model) => [model.name, model]));
}
