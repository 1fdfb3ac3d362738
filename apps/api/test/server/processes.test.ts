import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { childrenOf } from "../support/process-tree.ts";

const ROW = { features: [5.1, 3.5, 1.4, 0.2] };

/** Reads a series; again where the connection belonged to a process that was killed. */
async function metric(api: ApiProcess, series: string): Promise<number> {
  const url = `${api.url}/metrics`;
  const init = () => ({ signal: AbortSignal.timeout(20_000) });
  const { text } = await send(url, init()).catch(() => send(url, init()));
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? 0 : Number(line.slice(series.length + 1));
}

/** How many processes are killed one after the other: about each kill meets a connection on its way. */
const KILLS = 3;

const PREDICTED = 'http_requests_total{handler="/predict",method="POST",status="2xx"}';
const LOADS = 'model_loads_total{model="iris-forest",version="1"}';

test("metrics are the sum of all processes and stay monotonic when one is killed", async () => {
  await using api = await startApi({ variables: { WORKERS: "3" } });
  await eventually(async () => (await metric(api, LOADS)) === 3, "three processes have loaded");
  // Without keep-alive each request is a connection of its own, which goes to the next process.
  for (let request = 0; request < 30; request += 1) {
    const reply = await post(`${api.url}/predict`, ROW, { connection: "close" });
    expect(reply.status).toBe(200);
  }
  expect(await metric(api, PREDICTED)).toBe(30);
  expect(
    await metric(api, 'inference_rows_total{model="iris-forest",version="1",lane="single"}'),
  ).toBe(30);

  const [victim = 0] = childrenOf(api.child.pid ?? 0);
  const listening = () => api.log.filter((line) => line["msg"] === "listening").length;
  process.kill(victim, "SIGKILL");
  let seen = 0;
  await eventually(async () => {
    const now = await metric(api, PREDICTED);
    expect(now).toBeGreaterThanOrEqual(seen);
    seen = now;
    return (await metric(api, LOADS)) === 4;
  }, "the dead process is replaced");
  // Within how long is judged by `test:faults`.
  await eventually(() => listening() === 4, "the new process listens");
  expect(await metric(api, "worker_restarts_total")).toBe(1);
  expect(await metric(api, PREDICTED)).toBe(30);
  expect((await post(`${api.url}/predict`, ROW)).status).toBe(200);
});

test("a predicting client sees no failure but on the connections of the processes that were killed, and none hangs", async () => {
  await using api = await startApi({ variables: { WORKERS: "2" } });
  await eventually(async () => (await metric(api, LOADS)) === 2, "both processes have loaded");
  let failures = 0;
  let hung = 0;
  let answers = 0;
  const stop = new AbortController();
  const client = async () => {
    while (!stop.signal.aborted) {
      try {
        const response = await fetch(`${api.url}/predict`, {
          method: "POST",
          headers: { "content-type": "application/json", connection: "close" },
          body: JSON.stringify(ROW),
          signal: AbortSignal.timeout(60_000),
        });
        expect(response.status).toBe(200);
        await response.text();
        answers += 1;
      } catch (error) {
        if (Object(error).name === "TimeoutError") hung += 1;
        else failures += 1;
      }
    }
  };
  const clients = Array.from({ length: 8 }, client);
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const before = answers;
    await eventually(() => answers > before + 50, "it is answering");
    process.kill(childrenOf(api.child.pid ?? 0)[0] ?? 0, "SIGKILL");
    const loaded = 2 + kill;
    await eventually(async () => (await metric(api, LOADS)) === loaded, "the dead is replaced");
  }
  stop.abort();
  await Promise.all(clients);
  // Each client can have had one request in each process that died.
  expect(failures).toBeLessThanOrEqual(8 * KILLS);
  expect(hung).toBe(0);
});

test("SIGTERM drains every process and ends with 0", async () => {
  await using api = await startApi({ variables: { WORKERS: "2" } });
  const exit = new Promise((resolve) => api.child.once("exit", resolve));
  api.child.kill("SIGTERM");
  expect(await exit).toBe(0);
});

test("a primary that is killed leaves no process behind", async () => {
  await using api = await startApi({ variables: { WORKERS: "2" } });
  const workers = childrenOf(api.child.pid ?? 0);
  expect(workers).toHaveLength(2);
  api.child.kill("SIGKILL");
  await eventually(() => !workers.some((pid) => existsSync(`/proc/${pid}`)), "the workers end");
});
