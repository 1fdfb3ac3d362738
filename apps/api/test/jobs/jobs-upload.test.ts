import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { endedJob } from "../support/job-helpers.ts";
import { openJobPlace, skipWithoutStore } from "../support/job-place.ts";
import { send } from "../support/json-request.ts";

skipWithoutStore();
let place: Awaited<ReturnType<typeof openJobPlace>>;
let api: ApiProcess;
beforeAll(async () => {
  place = await openJobPlace();
  api = await startApi({ variables: { ...place.variables, MAX_FILE_BYTES: "100000" } });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const CSV = "petal_width,petal_length,sepal_width,sepal_length\n0.2,1.4,3.5,5.1\n";
const NDJSON = '{"features":[5.1,3.5,1.4,0.2]}\n';

interface Sent {
  readonly body: string | FormData;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

function submit({ body, headers = {}, path = "/jobs" }: Sent) {
  return send(api.url + path, { method: "POST", headers, body });
}

function form(content: string, type: string, name: string): FormData {
  const form = new FormData();
  form.set("file", new File([content], name, { type }));
  return form;
}

const csv = { "content-type": "text/csv" };

test.each([
  ["raw CSV", { body: CSV, headers: csv }, "setosa"],
  ["raw NDJSON", { body: NDJSON, headers: { "content-type": "application/x-ndjson" } }, "setosa"],
  ["a form with a CSV", { body: form(CSV, "text/csv", "rows.csv") }, "setosa"],
  ["a form that tells its format by its name", { body: form(NDJSON, "", "rows.jsonl") }, "setosa"],
  ["a contract's own route", { body: CSV, headers: csv, path: "/iris/jobs" }, "setosa"],
  ["a model by name", { body: CSV, headers: csv, path: "/jobs?model_name=iris-mlp" }, "setosa"],
])("%s becomes a job at the address that is answered", async (_what, sent, label) => {
  const { status, body, headers } = await submit(sent);
  expect(status).toBe(202);
  expect(body).toEqual({ job_id: expect.any(String), status: "queued" });
  expect(headers.get("location")).toBe(`/jobs/${body.job_id}`);
  expect(await endedJob(api.url, body.job_id)).toMatchObject({ status: "succeeded", rows_done: 1 });
  const result = await send(`${api.url}${headers.get("location")}/result`);
  expect(result.text).toContain(label);
});

test.each([
  ["another content type", { body: "{}", headers: { "content-type": "application/json" } }, 415],
  ["a form without a file", { body: new FormData() }, 422],
  ["a form whose file has no format", { body: form(CSV, "", "rows") }, 415],
  ["a model that does not exist", { body: CSV, headers: csv, path: "/jobs?model_name=rose" }, 404],
  [
    "a model of another contract",
    { body: CSV, headers: csv, path: "/wine/jobs?model_name=iris-mlp" },
    422,
  ],
  ["a choice of other routes", { body: CSV, headers: csv, path: "/jobs?batch_size=5" }, 422],
  ["a file over the limit", { body: CSV + "1,1,1,1\n".repeat(20_000), headers: csv }, 413],
  [
    "a key that is too long",
    { body: CSV, headers: { ...csv, "idempotency-key": "k".repeat(256) } },
    400,
  ],
  [
    "a deadline that has passed",
    { body: CSV, headers: { ...csv, "x-request-timeout-ms": "0" } },
    504,
  ],
])("%s makes no job and leaves no file", async (_what, sent, status) => {
  const before = await place.held();
  expect((await submit(sent)).status).toBe(status);
  expect(await place.held()).toEqual(before);
});

test("an idempotency key in quotes or bare answers the same job, and another order is 422", async () => {
  const sent = (key: string, body = CSV, path = "/jobs") =>
    submit({ body, path, headers: { ...csv, "idempotency-key": key } });
  const first = await sent('"upload 1"');
  expect(first.status).toBe(202);
  await endedJob(api.url, first.body.job_id);
  const again = await sent("upload 1");
  expect([again.status, again.body]).toEqual([202, { ...first.body, status: "succeeded" }]);
  expect(again.headers.get("location")).toBe(first.headers.get("location"));
  for (const other of [
    await sent("upload 1", `${CSV}1,1,1,1\n`),
    await sent("upload 1", CSV, "/jobs?strict=true"),
  ]) {
    expect(other.status).toBe(422);
    expect(other.body.detail).toMatchObject([
      { loc: ["header", "idempotency-key"], input: "upload 1" },
    ]);
  }
});

test("an upload that breaks off makes no job and leaves no file", async () => {
  const before = await place.held();
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  socket.write(
    `POST /jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\ncontent-length: 1000\r\n\r\n${CSV}`,
  );
  await eventually(
    async () => (await place.held()).length === before.length + 1,
    "it is coming in",
  );
  socket.destroy();
  await eventually(async () => (await place.held()).length === before.length, "its file is gone");
});

test("a caller with a key sees its own jobs and no other's", async () => {
  await using other = await openJobPlace();
  const API_KEYS = "ada:0123456789abcdef,bob:fedcba9876543210";
  await using guarded = await startApi({ variables: { ...other.variables, API_KEYS } });
  const as = (key: string, path: string, method = "GET") =>
    send(guarded.url + path, { method, headers: { "x-api-key": key } });
  const create = (key: string) => {
    const headers = { ...csv, "idempotency-key": "same", "x-api-key": key };
    return send(`${guarded.url}/jobs`, { method: "POST", body: CSV, headers });
  };
  const ada = await create("0123456789abcdef");
  const bob = await create("fedcba9876543210");
  expect([ada.status, bob.status]).toEqual([202, 202]);
  expect(bob.body.job_id).not.toBe(ada.body.job_id);
  const address = `/jobs/${ada.body.job_id}`;
  expect((await as("0123456789abcdef", address)).status).toBe(200);
  expect((await as("fedcba9876543210", address)).status).toBe(404);
  expect((await as("fedcba9876543210", address, "DELETE")).status).toBe(404);
  expect((await as("fedcba9876543210", `${address}/result`)).status).toBe(404);
  expect((await send(guarded.url + address)).status).toBe(401);
});
