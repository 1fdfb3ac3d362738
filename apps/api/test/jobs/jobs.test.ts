import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { endedJob, irisCsv, jobWhen, readJob, startJob } from "../support/job-helpers.ts";
import { openJobPlace, skipWithoutStore } from "../support/job-place.ts";
import { send } from "../support/json-request.ts";
import { singleClient } from "../support/trpc-client.ts";

skipWithoutStore();
let place: Awaited<ReturnType<typeof openJobPlace>>;
let api: ApiProcess;
beforeAll(async () => {
  place = await openJobPlace();
  api = await startApi({ variables: place.variables });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const HEADER = "sepal_length,sepal_width,petal_length,petal_width";
const GOOD = `${HEADER}\n5.1,3.5,1.4,0.2\n`;
const RESULT = "class,label,confidence,proba_setosa,proba_versicolor,proba_virginica,error";

const jobs = () => singleClient(api.url).jobs;

async function failure(call: Promise<unknown>): Promise<unknown> {
  const error = await call.catch((reason: unknown) => reason);
  return Object(error).data;
}

test("a CSV job ends with its result in the format of the file", async () => {
  const created = await jobs().create.mutate({ format: "csv", data: GOOD });
  expect(created).toEqual({ job_id: expect.stringMatching(/^[\da-f-]{36}$/), status: "queued" });
  const { job_id } = created;
  const ended = await endedJob(api.url, job_id);
  expect(ended).toMatchObject({ status: "succeeded", rows_done: 1, rows_bad: 0, rows_total: 1 });
  expect(ended.error).toBe(null);
  expect(await jobs().get.query({ job_id })).toEqual(ended);
  const { status, text, headers } = await send(`${api.url}/jobs/${job_id}/result`);
  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
  expect(headers.get("content-length")).toBe(String(text.length));
  expect(headers.get("content-disposition")).toBe(`attachment; filename="${job_id}.csv"`);
  expect(text).toBe(`${HEADER},${RESULT}\n5.1,3.5,1.4,0.2,0,setosa,1,1,0,0,\n`);
});

test("an NDJSON job counts its bad rows and goes on", async () => {
  const lines = ['{"features":[5.1,3.5,1.4,0.2]}', '{"features":[-1,3.5,1.4,0.2]}', "no json"];
  const { job_id } = await jobs().create.mutate({ format: "ndjson", data: lines.join("\n") });
  const ended = await endedJob(api.url, job_id);
  expect(ended).toMatchObject({ status: "succeeded", rows_done: 3, rows_bad: 2, rows_total: 3 });
  const { text, headers } = await send(`${api.url}/jobs/${job_id}/result`);
  expect(headers.get("content-type")).toBe("application/x-ndjson");
  const rows = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rows.map(({ label }) => label)).toEqual(["setosa", null, null]);
  expect(rows.map(({ error }) => error?.slice(0, 6) ?? null)).toEqual([null, "row 2:", "row 3:"]);
});

test.each([
  [
    "a bad row with strict",
    { data: `${GOOD}5.1,3.5,x,0.2\n`, strict: true },
    "row 2: column petal",
  ],
  ["a header without a feature", { data: "sepal_length\n5.1\n" }, "no column sepal_width"],
  ["nothing but blank lines", { data: "\n\n\n" }, "the file is empty"],
])("a job fails with its reason for %s and has no result", async (_what, input, reason) => {
  const { job_id } = await jobs().create.mutate({ format: "csv", ...input });
  const ended = await endedJob(api.url, job_id);
  expect(ended.status).toBe("failed");
  expect(ended.error).toContain(reason);
  const { status, body, headers } = await send(`${api.url}/jobs/${job_id}/result`);
  expect([status, headers.get("retry-after")]).toEqual([409, null]);
  expect(body.detail).toBe(`the job is failed and has no result: ${ended.error}`);
  // Of what failed nothing is kept but the reason.
  await eventually(() => isGone(job_id), "its files are gone");
});

async function isGone(id: string): Promise<boolean> {
  return !(await place.held()).includes(id);
}

async function rowsRun(): Promise<number> {
  const { text } = await send(`${api.url}/metrics`);
  const series = 'inference_rows_total{model="iris-forest",version="1",lane="worker"}';
  const line = text.split("\n").find((candidate) => candidate.startsWith(series));
  return Number(line?.slice(series.length) ?? 0);
}

test("a cancelled job stops within a moment, leaves nothing, and stays cancelled", async () => {
  const rows = 300_000;
  const job_id = await startJob(api.url, irisCsv(rows));
  await jobWhen(api.url, job_id, ({ rows_done }) => rows_done > 0, "it is at work");
  const before = await rowsRun();
  expect(before).toBeGreaterThan(0);
  const early = await send(`${api.url}/jobs/${job_id}/result`);
  expect([early.status, early.headers.get("retry-after")]).toEqual([409, "1"]);
  const { status, body } = await send(`${api.url}/jobs/${job_id}`, { method: "DELETE" });
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: "cancelled", finished_at: expect.any(String) });
  // The next job runs on the same thread: the cancelled one does not work any more.
  const next = await jobs().create.mutate({ format: "csv", data: GOOD });
  await endedJob(api.url, next.job_id);
  expect((await rowsRun()) - before).toBeLessThan(rows - body.rows_done);
  expect(await isGone(job_id)).toBe(true);
  expect(await jobs().cancel.mutate({ job_id })).toEqual(body);
  expect(await readJob(api.url, job_id)).toEqual(body);
});

test("a queued job that is cancelled never begins, and one that has ended stays as it is", async () => {
  const first = await jobs().create.mutate({ format: "csv", data: irisCsv(100_000) });
  const { job_id } = await jobs().create.mutate({ format: "csv", data: GOOD });
  expect(await jobs().cancel.mutate({ job_id })).toMatchObject({
    status: "cancelled",
    started_at: null,
  });
  const done = await endedJob(api.url, first.job_id);
  expect(done.status).toBe("succeeded");
  expect(await jobs().cancel.mutate({ job_id: first.job_id })).toEqual(done);
  expect((await send(`${api.url}/jobs/${first.job_id}/result`)).status).toBe(200);
});

test("an idempotency key answers the same job for the same order and refuses another", async () => {
  const order = { format: "csv", data: GOOD, idempotency_key: "nightly 1" } as const;
  const [first, ...others] = await Promise.all([1, 2, 3].map(() => jobs().create.mutate(order)));
  for (const { job_id } of others) expect(job_id).toBe(first?.job_id);
  await endedJob(api.url, first?.job_id ?? "");
  expect(await jobs().create.mutate(order)).toEqual({ ...first, status: "succeeded" });
  for (const other of [
    { data: `${GOOD}6,3,5,2\n` },
    { strict: true },
    { model_name: "iris-mlp" },
  ]) {
    expect(await failure(jobs().create.mutate({ ...order, ...other }))).toMatchObject({
      httpStatus: 422,
      detail: [{ loc: ["body", "idempotency_key"], input: "nightly 1" }],
    });
  }
  const free = await jobs().create.mutate({ ...order, idempotency_key: "nightly 2" });
  expect(free.job_id).not.toBe(first?.job_id);
});

test("a job runs with the model it names, and one that does not exist makes none", async () => {
  const data = `${HEADER}\n6,2.7,5.1,1.6\n`;
  const labels = await Promise.all(
    ["iris-forest", "iris-mlp"].map(async (model_name) => {
      const { job_id } = await jobs().create.mutate({ format: "csv", data, model_name });
      await endedJob(api.url, job_id);
      return (await send(`${api.url}/jobs/${job_id}/result`)).text.split("\n")[1]?.split(",")[5];
    }),
  );
  expect(labels).toEqual(["versicolor", "virginica"]);
  const create = (choice: object) =>
    failure(jobs().create.mutate({ format: "csv", data, ...choice }));
  expect(await create({ model_name: "rose" })).toMatchObject({ httpStatus: 404 });
  expect(await create({ model_version: "99" })).toMatchObject({ httpStatus: 404 });
  expect(await create({ model_name: "wine-forest" })).toMatchObject({ httpStatus: 422 });
});

test("each contract takes jobs of its own files", async () => {
  const { features } = (await send(`${api.url}/models/wine-forest/background`)).body;
  const { rows } = (await send(`${api.url}/models/wine-forest/background`)).body;
  const wine = `${features.join(",")}\n${rows[0].join(",")}\n`;
  const client = singleClient(api.url);
  const { job_id } = await client.wine.jobs.create.mutate({ format: "csv", data: wine });
  expect(await endedJob(api.url, job_id)).toMatchObject({ status: "succeeded", rows_bad: 0 });
});

test.each([
  "00000000-0000-4000-8000-000000000000",
  "..%2f..%2fetc",
  "%2e%2e%2fjobs.db",
  "%00",
  "'%20OR%201=1--",
  "x".repeat(300),
])("there is no job %s", async (id) => {
  for (const [path, method] of [
    ["", "GET"],
    ["", "DELETE"],
    ["/result", "GET"],
  ]) {
    const { status, body } = await send(`${api.url}/jobs/${id}${path}`, { method });
    expect([status, Object.keys(body)], `${method} ${path}`).toEqual([
      404,
      ["detail", "request_id"],
    ]);
  }
});
