import { lstat, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import type { Stats } from "node:fs";
import { dirname } from "node:path";
import { withFileLock } from "./file-lock.ts";

/** What a key's or a user's name may be: the log writes it without escaping. */
export const CALLER_NAME = /^[A-Za-z0-9][\w.@+-]{0,63}$/;

/**
 * Reads a file of `name:value` lines, with blank lines and `#` comments; fails with the number of
 * the first line that is wrong, and shows none of it: it may hold a secret by mistake, and the health routes show the reason.
 */
export function parseNamedLines<T>(
  text: string,
  read: (value: string) => T | undefined,
): Map<string, T> {
  const found = new Map<string, T>();
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    const value = read(line.slice(colon + 1));
    if (!CALLER_NAME.test(name) || value === undefined) {
      throw new Error(`line ${index + 1} is not a name, a colon and a hash`);
    }
    if (found.has(name)) throw new Error(`line ${index + 1} repeats the name of an earlier line`);
    found.set(name, value);
  }
  return found;
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** What a step gives, or `undefined` where its file does not exist. */
async function orAbsent<T>(step: Promise<T>): Promise<T | undefined> {
  try {
    return await step;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** The file itself where the path is a link to it: a link that is replaced would no longer be one. */
async function fileBehind(path: string): Promise<string> {
  const target = await orAbsent(realpath(path));
  if (target !== undefined) return target;
  // Another command may have created the file since.
  if ((await orAbsent(lstat(path)))?.isSymbolicLink() === true) {
    throw new Error(`${path} is a link to a file that does not exist; create that file first`);
  }
  return path;
}

/** Gives a new file the owner and mode of the one it replaces, so that whoever could read that one still can. */
async function keepOwner(draft: Awaited<ReturnType<typeof open>>, before: Stats): Promise<void> {
  const now = await draft.stat();
  if (now.uid !== before.uid || now.gid !== before.gid) {
    try {
      await draft.chown(before.uid, before.gid);
    } catch (cause) {
      const owner = `${before.uid}:${before.gid}`;
      throw new Error(
        `its owner ${owner} cannot be kept; run the command as that user or as root`,
        {
          cause,
        },
      );
    }
  }
  await draft.chmod(before.mode & 0o7777);
}

/** Replaces a file so that every reader sees the old text or the new one, also after a crash; a new one is its owner's alone. */
async function replaceFile(path: string, text: string): Promise<void> {
  const before = await orAbsent(stat(path));
  const draftPath = `${path}.new`;
  // Under the lock this is what a killed command left.
  await rm(draftPath, { force: true });
  const draft = await open(draftPath, "wx", 0o600);
  try {
    if (before !== undefined) await keepOwner(draft, before);
    await draft.writeFile(text);
    await draft.sync();
    await rename(draftPath, path);
  } catch (error) {
    await rm(draftPath, { force: true });
    throw error;
  } finally {
    await draft.close();
  }
  await using folder = await open(dirname(path), "r");
  await folder.sync();
}

/**
 * Changes a file of `name:value` lines: puts a value under a name, or takes the name out where there is none. Returns
 * whether the name was there before. Commands that run at once wait for each other.
 */
export async function setNamedLine(
  path: string,
  name: string,
  value: string | undefined,
): Promise<boolean> {
  const file = await fileBehind(path);
  return withFileLock(`${file}.lock`, async () => {
    const text = (await orAbsent(readFile(file, "utf8"))) ?? "";
    const lines = text.split(/\r?\n/);
    if (lines.at(-1) === "") lines.pop();
    const others = lines.filter((line) => !line.trimStart().startsWith(`${name}:`));
    const next = value === undefined ? others : [...others, `${name}:${value}`];
    const found = others.length < lines.length;
    if (found || value !== undefined) {
      await replaceFile(file, next.map((line) => `${line}\n`).join(""));
    }
    return found;
  });
}
