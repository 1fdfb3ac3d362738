import { spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { COMPILE_CACHE } from "../../apps/api/test/support/api-process.ts";

/** The workspace. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A server process and its URL. */
export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

/** An unused port; below those that the system gives to connections and to port 0. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    if (await isFree(port)) return port;
  }
}

async function waitForProbe(url: string, child: ChildProcess): Promise<void> {
  const end = performance.now() + 120_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server for ${url} ended`);
    if (performance.now() > end) throw new Error(`${url} never responded`);
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Starts a server process of this workspace and waits until its probe responds. */
export async function start(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
  { url, probe }: { readonly url: string; readonly probe: string },
): Promise<RunningServer> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...variables },
    stdio: ["ignore", "ignore", "inherit"],
    // A group of its own: the playground's command has a child.
    detached: true,
  });
  await waitForProbe(`${url}${probe}`, child);
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const closed = once(child, "close");
    process.kill(-child.pid, "SIGKILL");
    await closed;
  };
  return { url, kill, [Symbol.asyncDispose]: kill };
}

/** Starts the API on a port and waits until it is ready. */
export function startApi(
  port: number,
  variables: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const url = `http://127.0.0.1:${port}`;
  const address = { HOST: "127.0.0.1", PORT: String(port), LOG_LEVEL: "error" };
  // As in the tests over the wire: half a second of CPU for each of many starts, and a quarter of the rest.
  const quick = { WARM_UP_REQUESTS: "0", NODE_COMPILE_CACHE: COMPILE_CACHE };
  const settings = { ...address, ...quick, ...variables };
  return start(["apps/api/src/main.ts"], settings, { url, probe: "/health/ready" });
}

/** Starts the built playground on a port, before an API that may or may not be there. */
export function startWeb(
  port: number,
  apiUrl: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const url = `http://127.0.0.1:${port}`;
  const variables = { WEB_HOST: "127.0.0.1", WEB_PORT: String(port), API_URL: apiUrl, ...settings };
  return start(["apps/web/main.ts", "start"], variables, { url, probe: "/icon.svg" });
}
