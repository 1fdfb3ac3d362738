import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

const PACKAGES = [
  "packages/schema",
  "packages/settings",
  "packages/evaluator",
  "packages/model",
  "packages/client",
  "apps/api",
];

/** Copies what the client is typed from into an empty folder; installed packages are linked. */
export async function copyWorkspace(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await cp(join(root, "tsconfig.base.json"), join(folder, "tsconfig.base.json"));
  for (const name of PACKAGES) {
    await cp(join(root, name), join(folder, name), {
      recursive: true,
      // Links between packages are relative: so they lead to the copies.
      verbatimSymlinks: true,
      filter: (source) => !/\/(?:dist|test)$|\.test\.ts$/.test(source),
    });
  }
}

/** Replaces a text that must be there in a file. */
export async function rewrite(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, "utf8");
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  await writeFile(file, text.replaceAll(from, to));
}
