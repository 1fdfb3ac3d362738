import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** How a command ended. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a program to its end. */
function run(
  file: string,
  args: readonly string[],
  cwd: string,
  variables: Readonly<NodeJS.ProcessEnv> = {},
): Promise<Outcome> {
  const env = { PATH: process.env["PATH"], ...variables };
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, timeout: 300_000 }, (error, output, errors) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output, errors });
    });
  });
}

/** Packs the command line; the path of the tarball. */
async function pack(into: string): Promise<string> {
  const script = join(root, "packages/sepal/scripts/pack.ts");
  const { code, errors } = await run(process.execPath, [script, "--destination", into], into);
  const name = (await readdir(into)).find((file) => file.endsWith(".tgz"));
  if (code !== 0 || name === undefined) throw new Error(`pack: ${errors}`);
  return join(into, name);
}

/** Where a package of the registry is installed in this workspace. */
function installedIn(name: string): string {
  const folders = ["apps/api", "packages/command-line", "packages/model", "packages/add-model"];
  const found = folders
    .map((folder) => join(root, folder, "node_modules", name))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is not installed`);
  return found;
}

/** A server that was started by the command line. */
export interface Serving extends AsyncDisposable {
  readonly url: string;
  /** Kills the launcher, as nothing can prevent. */
  kill(): Promise<void>;
  end(): Promise<number | null>;
}

/** A folder of somebody's own, with the command line installed. */
export class Project implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** An empty folder. */
  static async empty(): Promise<Project> {
    return new Project(await mkdtemp(join(tmpdir(), "sepal-project-")));
  }

  /** Installs the tarball with npm, in a folder and a home that are empty. */
  static async installed(): Promise<Project> {
    const project = await Project.empty();
    const { folder } = project;
    const home = join(folder, "home");
    await mkdir(home);
    await writeFile(join(folder, "package.json"), '{"private":true,"type":"module"}');
    const tarball = await pack(folder);
    // Beside HOME, what npm needs to reach the registry from this machine.
    const variables = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => /^NODE_EXTRA|^SSL_|_PROXY$/i.test(name)),
    );
    const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", tarball];
    const { code, errors } = await run("npm", args, folder, { ...variables, HOME: home });
    if (code !== 0) throw new Error(`npm install: ${errors}`);
    return project;
  }

  /** Unpacks the tarball, with the packages of this workspace for those that npm would fetch, and this Node. */
  static async unpacked(): Promise<Project> {
    const project = await Project.empty();
    const { folder } = project;
    const own = join(folder, "node_modules/@sepal/cli");
    await mkdir(own, { recursive: true });
    const tarball = await pack(folder);
    await run("tar", ["xzf", tarball, "--strip-components=1", "-C", own], folder);
    const { dependencies = {}, bundleDependencies = [] } = JSON.parse(
      readFileSync(join(own, "package.json"), "utf8"),
    );
    for (const name of Object.keys(dependencies)) {
      if (bundleDependencies.includes(name)) continue;
      const place = join(folder, "node_modules", name);
      await mkdir(join(place, ".."), { recursive: true });
      await symlink(installedIn(name), place);
    }
    const { arch, platform } = process;
    const runtime = join(folder, "node_modules", `node-${platform}-${arch}`);
    await mkdir(join(runtime, "bin"), { recursive: true });
    await writeFile(join(runtime, "package.json"), "{}");
    await symlink(process.execPath, join(runtime, "bin/node"));
    await mkdir(join(folder, "node_modules/.bin"));
    await symlink("../@sepal/cli/bin/sepal.cjs", join(folder, "node_modules/.bin/sepal"));
    return project;
  }

  get #program(): string {
    return join(this.folder, "node_modules/.bin/sepal");
  }

  /** Runs a command of the command line. */
  sepal(args: readonly string[], variables?: Readonly<Record<string, string>>): Promise<Outcome> {
    return run(process.execPath, [this.#program, ...args], this.folder, variables);
  }

  /** Serves the models of this folder, on any port, until it is ended. */
  async serve(variables: Readonly<Record<string, string>> = {}): Promise<Serving> {
    const child = spawn(process.execPath, [this.#program, "serve", "--port", "0"], {
      cwd: this.folder,
      env: { PATH: process.env["PATH"], ...variables },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "exit");
    let log = "";
    const url = await new Promise<string>((resolve, reject) => {
      child.once("exit", () => reject(new Error(`it ended: ${log}`)));
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        log += text;
        const address = /"address":"([^"]+)"/.exec(log)?.[1];
        if (address !== undefined) resolve(address);
      });
    });
    const end = async () => {
      child.kill("SIGTERM");
      await ended;
      return child.exitCode;
    };
    return {
      url,
      end,
      async kill() {
        child.kill("SIGKILL");
        await ended;
      },
      async [Symbol.asyncDispose]() {
        if (child.exitCode === null && child.signalCode === null) await end();
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
