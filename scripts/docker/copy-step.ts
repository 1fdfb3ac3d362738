import { copyFileSync, cpSync, existsSync, mkdirSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";

/** Where a COPY reads and writes. */
interface CopyStep {
  readonly sources: readonly string[];
  readonly destination: string;
  /** Folder that stands for `/` of the stage being built. */
  readonly root: string;
  readonly workdir: string;
}

/** Path in the stage's folder of a path as the Dockerfile writes it. */
function target({ root, workdir, destination }: CopyStep): string {
  return join(root, posix.resolve(workdir, destination));
}

/** Copies files of the build context; throws when a source is not in it. */
export function copyFromContext(step: CopyStep, context: string, files: readonly string[]): number {
  const { sources, destination } = step;
  let copied = 0;
  for (const source of sources) {
    const path = posix.normalize(source).replace(/\/$/, "");
    const isFile = files.includes(path);
    const found = isFile
      ? [path]
      : files.filter((file) => path === "." || file.startsWith(`${path}/`));
    if (found.length === 0) throw new Error(`COPY: "${source}" is not in the build context`);
    const intoFolder = destination.endsWith("/") || sources.length > 1;
    for (const file of found) {
      // Of a folder its content is copied, without the folder itself.
      const inside = isFile
        ? intoFolder
          ? basename(file)
          : ""
        : file.slice(path === "." ? 0 : path.length + 1);
      const to = join(target(step), inside);
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(join(context, file), to);
      copied += 1;
    }
  }
  return copied;
}

/** Copies out of an earlier stage, symbolic links as they are; throws when a source is not there. */
export function copyFromStage(step: CopyStep, stageRoot: string): void {
  for (const source of step.sources) {
    const from = join(stageRoot, posix.resolve("/", source));
    if (!existsSync(from)) throw new Error(`COPY: "${source}" is not in the earlier stage`);
    cpSync(from, target(step), { recursive: true, verbatimSymlinks: true });
  }
}
