import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { copyWorkspace } from "../support/workspace-copy.ts";
import { root } from "./page.ts";

/** Files that a page takes for granted because the reader made them by a block that needs more than Node. */
const MADE = fileURLToPath(new URL("../fixtures/tutorial", import.meta.url));

/** Packages that a reader of the pages would have installed, and where the workspace has them. */
export const PACKAGES: Readonly<Record<string, string>> = {
  "@sepal/client": "packages/client",
  "@sepal/schema": "packages/schema",
  "onnxruntime-node": "packages/model/node_modules/onnxruntime-node",
};

const START = /^((?:[A-Z_]+=\S+ )*)npx -y pnpm@12 start(?::api)?(?: &)?$/;
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

/** What a command did. */
export interface Outcome {
  readonly code: number | null;
  /** Standard output and standard error, as a terminal shows them. */
  readonly text: string;
}

/** Somebody in a checkout who does what one page says; has a server once a block starts or asks one. */
export interface Reader extends AsyncDisposable {
  readonly folder: string;
  /** Address of the server, which is started where none runs. */
  url(): Promise<string>;
  /** Runs a command in the checkout; `localhost:8000` is the reader's server. */
  run(command: string): Promise<Outcome>;
  write(name: string, text: string): Promise<void>;
}

async function checkout(mayChange: boolean) {
  if (mayChange) {
    const copy = await copyWorkspace();
    await cp(MADE, copy.path, { recursive: true });
    return { folder: copy.path, main: copy.file("apps/api/src/main.ts") };
  }
  const folder = await mkdtemp(join(tmpdir(), "sepal-reader-"));
  for (const name of readdirSync(root)) {
    if (!name.startsWith(".")) await symlink(join(root, name), join(folder, name));
  }
  return { folder, main: undefined };
}

/** A package.json script in the place of `pnpm`, which would look for another workspace. */
function withoutPnpm(command: string): string {
  return command.replaceAll(
    /(?:npx -y pnpm@12|\bpnpm)(?: --silent)? ([a-z]+(?::[a-z]+)?)/g,
    (all, name) => (scripts[name] ?? all).replace(/^node /, `${process.execPath} `),
  );
}

async function bash(command: string, folder: string): Promise<Outcome> {
  const env = { PATH: process.env["PATH"], HOME: folder, LC_ALL: "C.UTF-8" };
  const child = spawn("bash", ["-e", "-c", `exec 2>&1\n${command}`], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 150_000,
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  await once(child, "close");
  return { code: child.exitCode, text };
}

/** Opens a checkout: one of links, or a copy where the page changes what is served. */
export async function openReader({ mayChange }: { mayChange: boolean }): Promise<Reader> {
  const { folder, main } = await checkout(mayChange);
  const installed = join(folder, "program/node_modules");
  for (const [name, path] of Object.entries(PACKAGES)) {
    await mkdir(dirname(join(installed, name)), { recursive: true });
    await symlink(join(root, path), join(installed, name));
  }
  let api: ApiProcess | undefined;
  const start = async (variables: Record<string, string>) => {
    await api?.[Symbol.asyncDispose]();
    api = await startApi({ cwd: folder, main, variables });
    return api.url;
  };
  const url = async () => api?.url ?? start({});
  return {
    folder,
    url,
    async run(command) {
      const [isStart, settings = ""] = START.exec(command) ?? [];
      if (isStart !== undefined) {
        const pairs = settings.split(" ").filter((word) => word !== "");
        await start(Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s))));
        return { code: 0, text: "" };
      }
      const asks = /(?:localhost|127\.0\.0\.1):8000/.test(command);
      const here = asks
        ? command.replaceAll(/(?:http:\/\/)?(?:localhost|127\.0\.0\.1):8000/g, await url())
        : command;
      return bash(withoutPnpm(here), folder);
    },
    write: (name, text) => writeFile(join(folder, name), text),
    async [Symbol.asyncDispose]() {
      await api?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
