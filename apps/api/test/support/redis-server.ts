import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { eventually } from "./api-process.ts";
import { freePort } from "./free-port.ts";

/** Why tests with Redis are skipped; `undefined` where there is a `redis-server`. */
export const WITHOUT_REDIS =
  spawnSync("redis-server", ["--version"]).error === undefined
    ? undefined
    : "there is no redis-server on the path";

/** A running Redis. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Lets it hang, or go on. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
}

/** Starts a Redis that keeps nothing, on a free port or a given one. */
export async function startRedis(port?: number): Promise<RedisServer> {
  const own = port ?? (await freePort());
  const args = ["--port", String(own), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const closed = once(child, "close");
  await eventually(() => output.includes("Ready to accept connections"), "Redis is ready");
  return {
    url: `redis://127.0.0.1:${own}`,
    port: own,
    signal: (name) => void child.kill(name),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
