import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { BoundedProcess, boundsFor, ProcessFailure } from "./bounded-process.ts";

const script = new URL("../../test/bounded-script.ts", import.meta.url);
const MIB = 2 ** 20;
const BOUNDS = { deadlineMs: 60_000, memoryBytes: 1024 * MIB };

const started: BoundedProcess[] = [];
afterEach(() => {
  for (const each of started.splice(0)) each.kill();
});
function start(): BoundedProcess {
  const bounded = new BoundedProcess({ script });
  started.push(bounded);
  return bounded;
}

async function failure(task: string, bounds = BOUNDS): Promise<ProcessFailure> {
  const error = await start()
    .ask(task, bounds)
    .catch((cause: unknown) => cause);
  if (error instanceof ProcessFailure) return error;
  throw new Error(`it did not fail but gave ${JSON.stringify(error)}`);
}

describe("a process of its own", () => {
  test("works on one request after the other", async () => {
    const bounded = start();
    expect(bounded.used).toBe(false);
    expect(JSON.parse(await bounded.ask("one", BOUNDS))).toEqual({ task: "one" });
    const odd = "two\n\r\u2028\u2029";
    expect(JSON.parse(await bounded.ask(odd, BOUNDS))).toEqual({ task: odd });
    expect(bounded).toMatchObject({ used: true, alive: true });
  });

  test("is killed at the deadline, though it computes without end", async () => {
    const { kind, message } = await failure("hang", { ...BOUNDS, deadlineMs: 3000 });
    expect([kind, message]).toEqual(["deadline", "it took longer than 3 s"]);
  });

  test("is killed when it takes more memory than it may", async () => {
    const { kind, message } = await failure("allocate", { ...BOUNDS, memoryBytes: 300 * MIB });
    expect([kind, message]).toEqual(["memory", "it took more than 300 MiB of memory"]);
  });

  test.each([
    ["crash", "the process ended by SIGABRT"],
    ["exit", "the process ended with code 3"],
  ])("that ends by itself (%s) says how", async (task, how) => {
    const { kind, message } = await failure(task);
    expect([kind, message]).toEqual(["ended", how]);
  });

  test("inherits no variable and no working directory", async () => {
    const { names, cwd } = JSON.parse(await start().ask("environment", BOUNDS));
    expect(names).toEqual(["NODE_ENV", "ORT_DISABLE_TELEMETRY"]);
    expect(cwd).toBe("/");
  });

  test("ends with the process that started it, though it computes without end", async () => {
    const code = `
      import { BoundedProcess } from ${JSON.stringify(new URL("bounded-process.ts", import.meta.url).href)};
      const bounded = new BoundedProcess({ script: new URL(${JSON.stringify(script.href)}) });
      await bounded.ask("started", ${JSON.stringify(BOUNDS)});
      console.log(bounded.pid);
      void bounded.ask("hang", ${JSON.stringify(BOUNDS)});
    `;
    const parent = spawn(process.execPath, ["--input-type=module-typescript", "--eval", code], {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [pid] = await once(parent.stdout.setEncoding("utf8"), "data");
    expect(isRunning(Number(pid))).toBe(true);
    parent.kill("SIGKILL");
    while (isRunning(Number(pid))) await sleep(20);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0) && existsSync(`/proc/${pid}`);
  } catch {
    return false;
  }
}

test("a larger file may take longer and more memory, but never more than half of what there is", () => {
  const base = { deadlineMs: 1000, memoryBytes: 100 * MIB };
  expect(boundsFor(0, base)).toEqual(base);
  expect(boundsFor(10 * MIB, base)).toEqual({ deadlineMs: 4000, memoryBytes: 340 * MIB });
  const { memoryBytes } = boundsFor(2 ** 50, base);
  expect(memoryBytes).toBeLessThan(2 ** 46);
});
