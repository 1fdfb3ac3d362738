import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const tsc = join(root, "node_modules/.bin/tsc");

/** How a command ended. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a command to its end. */
export function command(
  file: string,
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], ...variables };
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, timeout: 300_000 }, (error, stdout, stderr) => {
      resolve({
        code: error === null ? 0 : Number(error.code ?? 1),
        output: `${stdout}${stderr}`,
      });
    });
  });
}

/** Packs a package as it would be published and gives the tarball. */
export async function pack(packageFolder: string, into: string): Promise<string> {
  await mkdir(into, { recursive: true });
  const { code, output } = await command(
    "pnpm",
    ["pack", "--pack-destination", into],
    packageFolder,
  );
  const name = (await readdir(into)).find((file) => file.endsWith(".tgz"));
  if (code !== 0 || name === undefined) throw new Error(`pnpm pack: ${output}`);
  return join(into, name);
}

/** A project outside the workspace that depends on a tarball alone. */
export class Consumer implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes the project and installs the tarball with the package manager of the user's choice. */
  static async install(tarball: string): Promise<Consumer> {
    const folder = await mkdtemp(join(tmpdir(), "sepal-consumer-"));
    const consumer = new Consumer(folder);
    const dependencies = { "@sepal/client": `file:${tarball}` };
    const manifest = { name: "consumer", private: true, type: "module", dependencies };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
    const { code, output } = await command("pnpm", ["install", "--ignore-workspace"], folder);
    if (code !== 0) throw new Error(`pnpm install: ${output}`);
    return consumer;
  }

  /** Copies a file of this folder's `consumer/` into the project. */
  async add(name: string): Promise<void> {
    await cp(fileURLToPath(new URL(`consumer/${name}`, import.meta.url)), join(this.folder, name));
  }

  /** Gives the project a package that it may have beside the client, as this workspace has it. */
  async link(name: string): Promise<void> {
    const place = join(this.folder, "node_modules", name);
    await mkdir(dirname(place), { recursive: true });
    await symlink(join(root, "packages/client/node_modules", name), place);
  }

  /** Writes the code that the package's README shows into the project. */
  async addReadme(): Promise<void> {
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ""]) => code);
    await writeFile(join(this.folder, "readme.ts"), blocks.join("\n"));
  }

  /** Compiles the project as strictly as there is, declarations of its packages included. */
  async compile(options: Readonly<Record<string, unknown>>): Promise<Outcome> {
    const compilerOptions = {
      target: "es2022",
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      noEmit: true,
      ...options,
    };
    await writeFile(join(this.folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    return command(tsc, ["--project", "."], this.folder);
  }

  /** Puts another build in the place of the installed one. */
  async replace(dist: string): Promise<void> {
    const installed = join(this.folder, "node_modules/@sepal/client/dist");
    // Not over its files: they are links into the package manager's store.
    await rm(installed, { recursive: true });
    await cp(dist, installed, { recursive: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
