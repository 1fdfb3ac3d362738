import { rename } from "node:fs/promises";
import { expect, test } from "vitest";
import { eventually, startApi, type ApiProcess, type LogLine } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { keepAliveClient } from "../support/keep-alive-client.ts";
import { copyOfModels } from "../support/model-repository.ts";
import { childrenOf } from "../support/process-tree.ts";

const ROW = { features: [5.1, 3.5, 1.4, 0.2] };

function workersOf({ child }: ApiProcess): number[] {
  return childrenOf(child.pid ?? 0);
}

function said(api: ApiProcess, text: string): number {
  return api.log.filter(({ msg }) => msg === text).length;
}

test("a rolling restart of two processes under load fails no request", async () => {
  // The thread of the large batch has a low priority, and may starve on a busy machine.
  await using api = await startApi({ variables: { WORKERS: "2", SHUTDOWN_GRACE_MS: "120000" } });
  await eventually(() => said(api, "listening") === 2, "both processes listen");
  const before = workersOf(api);
  const stop = new AbortController();
  const statuses: unknown[] = [];
  let closed = 0;
  /** As a client does that obeys the protocol: it keeps its connection until it is told to close it. */
  const load = async () => {
    while (!stop.signal.aborted) {
      using client = keepAliveClient(api.url);
      for (let kept = true; kept && !stop.signal.aborted;) {
        const { status, headers } = await client.send("/predict", ROW);
        statuses.push(status);
        kept = headers.connection !== "close";
        if (!kept) closed += 1;
      }
    }
  };
  const clients = Promise.allSettled(Array.from({ length: 8 }, load));
  const batch = post(`${api.url}/predict-batch`, { rows: Array(100_000).fill(ROW.features) });
  await eventually(() => statuses.length > 50, "the clients are at work");
  api.child.kill("SIGUSR2");
  await eventually(() => said(api, "rolling restart done") === 1, "both are replaced");
  const then = statuses.length;
  await eventually(() => statuses.length > then + 50, "the clients go on");
  stop.abort();
  const failures = (await clients).filter(({ status }) => status === "rejected");
  expect(failures).toEqual([]);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  expect((await batch).status).toBe(200);
  expect(closed).toBeGreaterThan(0);
  expect(workersOf(api).filter((pid) => before.includes(pid))).toEqual([]);
  expect(workersOf(api).length).toBe(2);
  api.child.kill("SIGTERM");
  expect(await api.ended()).toBe(0);
});

test("a missing model repository changes nothing for processes that serve, and stops a rolling restart", async () => {
  await using repository = await copyOfModels();
  await using api = await startApi({ variables: { WORKERS: "2", MODELS_DIR: repository.path } });
  await eventually(() => said(api, "listening") === 2, "both processes listen");
  // The first one listens before it has a model.
  const both = 'model_loads_total{model="iris-forest",version="1"} 2\n';
  const loaded = async () => (await send(`${api.url}/metrics`)).text.includes(both);
  await eventually(loaded, "both have the default model");
  const before = workersOf(api);
  const away = `${repository.path}-away`;
  await rename(repository.path, away);
  const unreadable = ({ reason }: LogLine) => String(reason).includes("cannot be read");
  await eventually(() => api.log.some(unreadable), "the log tells that it is gone");
  api.child.kill("SIGUSR2");
  const stopped = "rolling restart stopped: the new process is not ready; the old ones serve";
  await eventually(() => said(api, stopped) === 1, "the restart stops");
  expect(workersOf(api)).toEqual(before);
  for (let request = 0; request < 4; request += 1) {
    expect((await post(`${api.url}/predict`, ROW, { connection: "close" })).status).toBe(200);
  }
  await rename(away, repository.path);
  await eventually(
    () => api.log.some(({ state, model }) => state === "ready" && model === null),
    "it is back",
  );
});
