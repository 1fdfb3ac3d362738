import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** What the server and `models:add` are made of; installed packages are shared with the workspace. */
const PARTS = [
  "package.json",
  "apps/api",
  "packages",
  "models/datasets",
  "models/iris-forest",
  "models/wine-forest",
];

/** A copy of the workspace that may be written to, removed with the test. */
export interface WorkspaceCopy extends AsyncDisposable {
  readonly path: string;
  file(...names: string[]): string;
  /** Runs a TypeScript file of the copy on this Node; gives its exit code and everything it wrote. */
  run(script: string, args: readonly string[]): Promise<{ code: number | null; text: string }>;
}

/** Copies the workspace. */
export async function copyWorkspace(): Promise<WorkspaceCopy> {
  const path = await mkdtemp(join(tmpdir(), "sepal-workspace-"));
  const filter = (source: string) => !/[/\\](?:test|\.data)$/.test(source);
  for (const part of PARTS) {
    await mkdir(join(path, part, ".."), { recursive: true });
    // Links between packages are relative: in the copy they lead to the copy.
    const options = { recursive: true, verbatimSymlinks: true, filter };
    await cp(join(root, part), join(path, part), options);
  }
  await symlink(join(root, "node_modules"), join(path, "node_modules"));
  return {
    path,
    file: (...names) => join(path, ...names),
    async run(script, args) {
      const child = spawn(process.execPath, [join(path, script), ...args], { cwd: path });
      let text = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
      }
      await once(child, "close");
      return { code: child.exitCode, text };
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
