import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/api-process.ts";
import { preload } from "../support/preload.ts";
import { childrenOf } from "../support/process-tree.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const NAMESPACE = process.getuid?.() === 0 ? "-pf" : "-rpf";
const UNSHARE = [NAMESPACE, "--mount-proc", "--kill-child"];
const permitted = spawnSync("unshare", [...UNSHARE, "true"]).status === 0;
const API = [process.execPath, "--single-threaded-gc", "apps/api/src/main.ts"];
const INIT = ["sh", "deploy/init.sh"];

/** Stops Node at the first module behind the entry point, until standard input ends. */
const hold = preload(`
  import { readSync, writeSync } from "node:fs";
  import { registerHooks } from "node:module";
  let held = false;
  registerHooks({
    load(url, context, next) {
      if (!held && url.startsWith("file:") && !/\\/(?:main|stop-signals)\\.ts$/.test(url)) {
        held = true;
        writeSync(2, "held\\n");
        try { readSync(0, Buffer.alloc(1)); } catch {}
      }
      return next(url, context);
    },
  });
`);

/** Starts a command as the first process of a PID namespace. */
function asFirstProcess(command: readonly string[], variables: Record<string, string> = {}) {
  const child = spawn("unshare", [...UNSHARE, ...command], {
    cwd: root,
    env: { PATH: process.env["PATH"], PORT: "0", ...variables },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const closed = once(child, "close");
  const first = () => childrenOf(child.pid ?? 0)[0];
  return {
    stdin: child.stdin,
    output: () => output,
    first,
    signal: (signal: NodeJS.Signals) => process.kill(first() ?? 0, signal),
    async ended() {
      await eventually(() => child.exitCode !== null, "the process has ended").catch((error) => {
        throw new Error(output, { cause: error });
      });
      await closed;
      return child.exitCode;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

/** Whether a process has a handler for a signal. */
function handles(pid: number | undefined, signal: NodeJS.Signals): boolean {
  if (pid === undefined) return false;
  const caught = /^SigCgt:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  const bit = BigInt(constants.signals[signal] - 1);
  return ((BigInt(`0x${caught ?? "0"}`) >> bit) & 1n) === 1n;
}

// Skipped where no PID namespace may be made: Linux as root, or with user namespaces.
describe.skipIf(!permitted)("as the first process of a container", () => {
  test.each([
    ["SIGTERM", "1"],
    ["SIGHUP", "1"],
    ["SIGTERM", "2"],
  ] as const)(
    "the API ends with 0 at %s while it is being read from disk, WORKERS=%s",
    async (signal, WORKERS) => {
      await using api = asFirstProcess(API, { ...hold, WORKERS });
      await eventually(() => api.output().includes("held\n"), "the entry point has run");
      api.signal(signal);
      api.stdin.end();
      expect(await api.ended()).toBe(0);
    },
  );

  test("the playground ends with 0 at SIGTERM while its settings are being read", async () => {
    await using web = asFirstProcess([process.execPath, "apps/web/main.ts", "start"], hold);
    await eventually(() => web.output().includes("held\n"), "the entry point has run");
    web.signal("SIGTERM");
    web.stdin.end();
    expect(await web.ended()).toBe(0);
  });

  test("the image's init handles SIGTERM before Node can, and the API ends", async () => {
    await using api = asFirstProcess([...INIT, ...API]);
    await eventually(() => handles(api.first(), "SIGTERM"), "init handles SIGTERM");
    api.signal("SIGTERM");
    expect([0, 143]).toContain(await api.ended());
    expect(api.output()).not.toContain("listening");
  });

  test.each([
    ["SIGTERM", "SIGTERM"],
    ["SIGINT", "SIGHUP"],
  ] as const)(
    "the image's init passes %s on as %s, and the API drains",
    async (signal, received) => {
      await using api = asFirstProcess([...INIT, ...API]);
      await eventually(() => api.output().includes('"msg":"listening"'), "the API listens");
      api.signal(signal);
      expect(await api.ended()).toBe(0);
      expect(api.output()).toMatch(new RegExp(`"signal":"${received}","msg":"draining"`));
    },
  );

  test.each([
    ["exit 7", 7],
    ["exit 143", 143],
    ["kill -KILL $$", 137],
  ])("the image's init ends as its command: %s", async (line, code) => {
    await using command = asFirstProcess([...INIT, "sh", "-c", line]);
    expect(await command.ended()).toBe(code);
  });

  test("the image's init hands standard input on", async () => {
    await using command = asFirstProcess([...INIT, "cat"]);
    command.stdin.end("typed\n");
    expect(await command.ended()).toBe(0);
    expect(command.output()).toBe("typed\n");
  });
});
