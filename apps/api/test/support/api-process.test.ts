import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { eventually } from "./api-process.ts";
import { childrenOf } from "./process-tree.ts";

test("servers started by a test end with it, also when it is killed", async () => {
  const harness = new URL("./api-process.ts", import.meta.url).href;
  const start = `import { startApi } from ${JSON.stringify(harness)};
    const { child } = await startApi({ variables: { WORKERS: "2" }, ready: false });
    console.log(child.pid);`;
  const parent = spawn(process.execPath, ["--input-type=module", "--eval", start], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(parent.stdout), "line");
  const server = Number(line);
  const all = [server, ...childrenOf(server)];
  expect(all).toHaveLength(3);
  parent.kill("SIGKILL");
  const running = (pid: number) => existsSync(`/proc/${pid}`);
  await eventually(() => !all.some(running), "all of them have ended");
});
