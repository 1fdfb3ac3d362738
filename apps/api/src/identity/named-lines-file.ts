import { readFile, rename, writeFile } from "node:fs/promises";

async function linesOf(path: string): Promise<string[]> {
  try {
    return (await readFile(path, "utf8")).split(/\r?\n/).filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/**
 * Changes a file of `name:value` lines: puts a value under a name, or takes the name out where
 * there is none. The file is replaced as a whole and readable by its owner alone. Tells whether the
 * name was there before.
 */
export async function setNamedLine(
  path: string,
  name: string,
  value: string | undefined,
): Promise<boolean> {
  const lines = await linesOf(path);
  const others = lines.filter((line) => !line.startsWith(`${name}:`));
  const next = value === undefined ? others : [...others, `${name}:${value}`];
  const draft = `${path}.new`;
  // Fails where another command is writing.
  await writeFile(draft, next.map((line) => `${line}\n`).join(""), { mode: 0o600, flag: "wx" });
  await rename(draft, path);
  return others.length < lines.length;
}
