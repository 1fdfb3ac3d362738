import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Refusal } from "../refusal.ts";

/**
 * A folder within the repository, which no server takes for a model, so that what is written there can be renamed into place.
 *
 * A repository that was not there is made, and goes again where nothing came into it.
 */
export async function stagingFolder(
  repository: string,
): Promise<AsyncDisposable & { readonly path: string }> {
  const made = await mkdir(repository, { recursive: true });
  const path = await mkdtemp(join(repository, ".adding-"));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
      // Fails where there is something in it.
      if (made !== undefined) await rmdir(repository).catch(() => undefined);
    },
  };
}

/** Writes files below a folder. */
export async function writeFiles(
  folder: string,
  files: ReadonlyMap<string, Uint8Array | string>,
): Promise<void> {
  for (const [name, data] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), data);
  }
}

/** Refuses to replace what is there; `places` are paths below the root. */
export function requireFree(root: string, places: readonly string[]): void {
  const there = places.filter((place) => existsSync(join(root, place)));
  if (there.length === 0) return;
  throw new Refusal(
    `${there.join(" and ")} ${there.length === 1 ? "is" : "are"} there already; --force replaces, --name chooses another name`,
  );
}

/**
 * Renames files and folders from the staging folder to the same places below the root, in order.
 *
 * When one cannot be, what was there before comes back.
 */
export async function publish(
  staging: string,
  root: string,
  places: readonly string[],
): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const [index, place] of places.entries()) {
      const target = join(root, place);
      await mkdir(dirname(target), { recursive: true });
      if (existsSync(target)) {
        const kept = join(staging, `replaced-${index}`);
        await rename(target, kept);
        undo.push(() => rename(kept, target));
      }
      await rename(join(staging, place), target);
      undo.push(() => rm(target, { recursive: true, force: true }));
    }
  } catch (error) {
    for (const step of undo.toReversed()) await step();
    throw error;
  }
}
