import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { command, type Outcome } from "../../packages/client/test/consumer.ts";

const examples = fileURLToPath(new URL("..", import.meta.url));
const installed = fileURLToPath(new URL("node_modules", import.meta.url));

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
}

/** An application of `examples/` that is no member of this workspace, in a folder of its own. */
export class OutsideApp implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async #copy(name: string): Promise<OutsideApp> {
    const folder = await mkdtemp(join(tmpdir(), `sepal-${name}-`));
    const source = join(examples, name);
    await cp(source, folder, {
      recursive: true,
      filter: (path) => !/\/(?:node_modules|dist|\.next)$/.test(path),
    });
    return new OutsideApp(folder);
  }

  /**
   * The application with the packed client and, for the packages that npm would fetch, those that are installed for these
   * tests: in the versions that it asks for.
   */
  static async linked(name: string, tarball: string): Promise<OutsideApp> {
    const app = await OutsideApp.#copy(name);
    const { dependencies, devDependencies } = await readManifest(app.folder);
    for (const [dependency, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      const place = join(app.folder, "node_modules", dependency);
      await mkdir(dirname(place), { recursive: true });
      if (version.startsWith("file:")) continue;
      const source = join(installed, dependency);
      const found: { version: string } = JSON.parse(
        await readFile(join(source, "package.json"), "utf8"),
      );
      if (found.version !== version) {
        throw new Error(
          `examples/${name} asks for ${dependency} ${version}, examples/test for ${found.version}`,
        );
      }
      await symlink(source, place);
    }
    const client = join(app.folder, "node_modules/@sepal/client");
    await mkdir(client, { recursive: true });
    await command("tar", ["xzf", tarball, "--strip-components=1", "-C", client], app.folder);
    return app;
  }

  /** The application as its reader installs it: with npm, from the registry and the packed client. */
  static async installed(name: string, tarball: string): Promise<OutsideApp> {
    const app = await OutsideApp.#copy(name);
    await cp(tarball, join(app.folder, "sepal-client-0.1.0.tgz"));
    const { code, output } = await app.run("npm", ["install", "--no-audit", "--no-fund"]);
    if (code !== 0) throw new Error(`npm install: ${output}`);
    return app;
  }

  /** Checks its types, declarations of its packages included. */
  compile(): Promise<Outcome> {
    return this.run(process.execPath, [join(installed, "typescript/bin/tsc")]);
  }

  /** Puts another build of the client in the place of the installed one. */
  async replaceClient(dist: string): Promise<void> {
    const own = join(this.folder, "node_modules/@sepal/client/dist");
    if (!existsSync(own)) throw new Error("the client is not installed");
    await rm(own, { recursive: true });
    await cp(dist, own, { recursive: true });
  }

  /** Runs a program in its folder, with what npm needs to reach the registry from this machine. */
  run(file: string, args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
    const network = Object.entries(process.env).filter(([name]) =>
      /^NODE_EXTRA|^SSL_|_PROXY$/i.test(name),
    );
    const given: Record<string, string> = { NEXT_TELEMETRY_DISABLED: "1", ...variables };
    for (const [name, value = ""] of network) given[name] = value;
    return command(file, args, this.folder, given);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
