import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BuiltStage } from "./build-stage.ts";

/** A report that lies in the playground's image. */
const REPORT = "loadtest/reports/bench.json";

/** How an image that runs is used. */
export interface ImageUse {
  /** Setting of the port it listens on. */
  readonly portVariable: string;
  /** Uses it once; throws where a response is wrong. */
  readonly tryOut: (url: string) => Promise<void>;
}

async function request(path: string, url: string, init?: RequestInit): Promise<string> {
  const response = await fetch(url + path, init);
  const text = await response.text();
  console.log(`[run] ${init?.method ?? "GET"} ${path}: ${response.status}`);
  if (response.status !== 200) throw new Error(`${path} returned ${response.status}: ${text}`);
  return text;
}

/** The API predicts one row. */
export const API_USE: ImageUse = {
  portVariable: "PORT",
  async tryOut(url) {
    const text = await request("/predict", url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ features: [5.1, 3.5, 1.4, 0.2] }),
    });
    console.log(`    ${text}`);
    if (JSON.parse(text).label !== "setosa") throw new Error("the prediction is wrong");
  },
};

/** The playground renders a page that needs no API, with its own scripts and the load reports that lie in the image. */
export const PLAYGROUND_USE: ImageUse = {
  portVariable: "WEB_PORT",
  async tryOut(url) {
    const page = await request("/load", url);
    const script = /src="(\/_next\/static\/[^"]+\.js)"/.exec(page)?.[1];
    if (script === undefined) throw new Error("the page has no script of its own");
    await request(script, url);
    const { title }: { title: string } = JSON.parse(readFileSync(REPORT, "utf8"));
    if (!page.includes(title)) throw new Error("there is no report");
  },
};

/** Longest wait for a healthy container, in milliseconds. */
const START_MS = 20_000;

/** Longest wait for the end after SIGTERM, in milliseconds. */
const STOP_MS = 10_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** The user and group of `USER`; a name could not be looked up without the image. */
function identity(user: string): { uid?: number; gid?: number } {
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(user) ?? [];
  if (uid === undefined || uid === "0")
    throw new Error(`USER should be uid:gid and not root, not "${user}"`);
  return process.getuid?.() === 0 ? { uid: Number(uid), gid: Number(gid) } : {};
}

async function healthy(child: ChildProcess, check: () => number | null): Promise<void> {
  const end = performance.now() + START_MS;
  while (check() !== 0) {
    if (child.exitCode !== null) throw new Error(`CMD ended with code ${child.exitCode}`);
    if (performance.now() > end) throw new Error("HEALTHCHECK never passed");
    await sleep(100);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit", { signal: AbortSignal.timeout(STOP_MS) });
  child.kill("SIGTERM");
  const [code] = await ended;
  if (code !== 0) throw new Error(`after SIGTERM the process ended with ${code}`);
}

/** Starts a built stage as its user on a free port, waits until healthy, uses it once and stops it; throws at the first thing that fails. */
export async function tryImage(
  stage: BuiltStage,
  baseEnv: Readonly<Record<string, string>>,
  { portVariable, tryOut }: ImageUse,
): Promise<void> {
  const port = await freePort();
  const cwd = join(stage.root, stage.workdir);
  // A path of the image is below the stage's folder here.
  const own = Object.entries(stage.env).map(([name, value]) => {
    const inStage = join(stage.root, value);
    return [name, value.startsWith("/") && existsSync(inStage) ? inStage : value] as const;
  });
  const env = { ...baseEnv, ...Object.fromEntries(own), [portVariable]: String(port) };
  const options = { cwd, env, ...identity(stage.user) };
  const [file = "", ...args] = [...stage.entrypoint, ...stage.command];
  const [checkFile = "", ...checkArgs] = stage.healthcheck;
  if (file === "" || checkFile === "") throw new Error("ENTRYPOINT, CMD or HEALTHCHECK is missing");
  const child = spawn(file, args, { ...options, stdio: ["ignore", "inherit", "inherit"] });
  try {
    await once(child, "spawn");
    const started = performance.now();
    await healthy(child, () => spawnSync(checkFile, checkArgs, options).status);
    console.log(`[run] HEALTHCHECK passed ${Math.round(performance.now() - started)} ms after CMD`);
    if (process.platform === "linux") {
      const { uid } = statSync(`/proc/${child.pid}`);
      console.log(`[run] the process runs as user ${uid}`);
      if (options.uid !== undefined && uid !== options.uid)
        throw new Error("USER is not respected");
    }
    await tryOut(`http://127.0.0.1:${port}`);
    await stop(child);
    console.log("[run] SIGTERM: exit 0");
  } finally {
    if (child.exitCode === null) child.kill("SIGKILL");
  }
}
