import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { dataFolder, irisCsv } from "../support/job-helpers.ts";
import { holdPost } from "../support/held-post.ts";
import { post, send } from "../support/json-request.ts";

// What is refused before it runs is counted by its reason, and how long large batches wait is told.

const CSV = { "content-type": "text/csv" };

/** Sets how large the files of a process may grow. */
const prlimit = (pid: number | undefined, bytes: number) =>
  spawnSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}`]);

const WITHOUT_PRLIMIT = prlimit(process.pid, -1).error && "there is no prlimit on this machine";

let data: Awaited<ReturnType<typeof dataFolder>>;
let api: ApiProcess;
beforeAll(async () => {
  data = await dataFolder();
  const variables = { DATA_DIR: data.path, JOBS_MAX_BYTES: "1000", MAX_BODIES_BYTES: "1000000" };
  api = await startApi({ variables: { ...variables, INFERENCE_THREADS: "1" } });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await data[Symbol.asyncDispose]();
});

async function series(name: string): Promise<number> {
  const { text } = await send(`${api.url}/metrics`);
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.slice(name.length));
}

const refusals = (reason: string) => series(`inference_rejections_total{reason="${reason}"}`);

test("files beyond those that are scored at once", async () => {
  const before = await refusals("files_full");
  const held = Array.from({ length: 16 }, () =>
    request(`${api.url}/predict-file`, {
      method: "POST",
      headers: { ...CSV, expect: "100-continue" },
    })
      .on("error", () => {})
      .on("response", (reply) => reply.on("error", () => {}).resume()),
  );
  // Each has its place once it is told to go on.
  await Promise.all(held.map((one) => (one.flushHeaders(), once(one, "continue"))));
  const refused = async () => {
    const { status } = await send(`${api.url}/predict-file`, {
      method: "POST",
      headers: CSV,
      body: irisCsv(1),
    });
    return status === 503;
  };
  await eventually(refused, "one file too many");
  expect(await refusals("files_full")).toBe(before + 1);
  for (const one of held) one.destroy();
  await eventually(async () => !(await refused()), "there is a place again");
});

test("jobs past their space", async () => {
  const before = await refusals("jobs_full");
  const full = async () => {
    const body = irisCsv(10);
    return (await send(`${api.url}/jobs`, { method: "POST", headers: CSV, body })).status === 503;
  };
  await eventually(full, "kept jobs fill their space");
  expect(await refusals("jobs_full")).toBeGreaterThan(before);
});

test("bodies past what may come at once", async () => {
  const before = await refusals("bodies");
  const held = await holdPost(`${api.url}/predict-batch`, `{"rows":[${" ".repeat(900_000)}]}`);
  const second = await post(`${api.url}/predict-batch`, { rows: [], x: " ".repeat(900_000) });
  expect(second.status).toBe(503);
  expect(await refusals("bodies")).toBe(before + 1);
  expect((await held.finish()).status).toBe(422);
});

test("the wait of a large batch, apart from that of single rows", async () => {
  const wait = async (lane: string) => ({
    count: await series(waits("count", lane)),
    sum: await series(waits("sum", lane)),
  });
  const waits = (part: string, lane: string) =>
    `inference_queue_duration_seconds_${part}{model="iris-forest",lane="${lane}"}`;
  await post(`${api.url}/predict`, { features: [5.1, 3.5, 1.4, 0.2] });
  const rows = Array.from({ length: 2000 }, () => [5.1, 3.5, 1.4, 0.2]);
  const batch = () => post(`${api.url}/predict-batch`, { rows });
  await batch();
  const before = { single: await wait("single"), worker: await wait("worker") };
  // There is one thread: each but the first waits for those before it.
  for (const { status } of await Promise.all([1, 2, 3, 4].map(batch))) expect(status).toBe(200);
  expect(await wait("single")).toEqual(before.single);
  const { count, sum } = await wait("worker");
  expect(count).toBe(before.worker.count + 4);
  expect(sum - before.worker.sum).toBeGreaterThan(0.001);
});

test.skipIf(WITHOUT_PRLIMIT !== undefined)(
  `a file that the disk has no room for ${WITHOUT_PRLIMIT ?? ""}`,
  async () => {
    await using small = await startApi({ variables: { DATA_DIR: data.path } });
    prlimit(small.child.pid, 100_000);
    const options = { method: "POST", headers: CSV, body: irisCsv(20_000) };
    const { status, body } = await send(`${small.url}/predict-file?strict=true`, options);
    expect([status, body.detail]).toEqual([503, "the server has no room left for this file"]);
    const { text } = await send(`${small.url}/metrics`);
    expect(text).toContain('inference_rejections_total{reason="disk_full"} 1\n');
    small.child.kill("SIGTERM");
    await once(small.child, "exit");
  },
);
