import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../../../apps/api/test/support/api-process.ts";
import { createClient, type SepalClient } from "../src/index.ts";
import { toFailure } from "../src/failure.ts";

const KEY = "0123456789abcdef0123";
const HEADER = "sepal_length,sepal_width,petal_length,petal_width\n";

let folder: string;
let api: ApiProcess;
let sepal: SepalClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-client-"));
  api = await startApi({ variables: { API_KEYS: KEY, DATA_DIR: folder } });
  sepal = createClient({ url: api.url, apiKey: KEY });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const rows = Array.from({ length: 25 }, (): [number, number, number, number] => [5, 3, 1.4, 0.2]);

test("predictStream yields predictions in parts", async () => {
  const parts: unknown[] = [];
  for await (const part of await sepal.predictStream.mutate({ rows, batch_size: 10 })) {
    expect(part.predictions).toHaveLength(part.count);
    parts.push([part.offset, part.count, part.total]);
  }
  expect(parts).toEqual([
    [0, 10, 25],
    [10, 10, 25],
    [20, 5, 25],
  ]);
});

test("predictStream refuses what predict refuses", async () => {
  const bad: typeof rows = [[5, 3, 1.4, -1]];
  const failure = await sepal.wine.predictStream
    .mutate({ rows: [], batch_size: 10 })
    .catch(toFailure);
  expect(failure).toMatchObject({ kind: "invalid", status: 422 });
  const call = sepal.predictStream.mutate({ rows: bad });
  const { kind, detail } = toFailure(await call.catch((error: unknown) => error));
  expect(kind).toBe("invalid");
  expect(detail[0]?.loc).toEqual(["body", "rows", 0, 3]);
});

test("jobs.watch tells how a job goes until it has ended, and sends the key", async () => {
  const data = HEADER + "5.1,3.5,1.4,0.2\n".repeat(50);
  const { job_id } = await sepal.jobs.create.mutate({ format: "csv", data });
  const statuses = await new Promise<string[]>((resolve, reject) => {
    const seen: string[] = [];
    sepal.jobs.watch.subscribe(
      { job_id },
      {
        onData: (event) => seen.push(event.data.status),
        onError: reject,
        onComplete: () => resolve(seen),
      },
    );
  });
  expect(statuses.at(-1)).toBe("succeeded");
  expect(await sepal.jobs.get.query({ job_id })).toMatchObject({ rows_done: 50, rows_bad: 0 });
});

test("jobs.watch tells why there is nothing to watch", async () => {
  const failure = await new Promise((resolve) => {
    const options = { onData: () => {}, onError: (error: unknown) => resolve(toFailure(error)) };
    sepal.jobs.watch.subscribe({ job_id: "none" }, options);
  });
  expect(failure).toMatchObject({ kind: "not_found", status: 404 });
});

test("without the key nothing is watched or streamed", async () => {
  const stranger = createClient({ url: api.url });
  const call = stranger.predictStream.mutate({ rows });
  const refused = { kind: "unauthorized", status: 401 };
  expect(await call.catch(toFailure)).toMatchObject(refused);
  const batched = createClient({ url: api.url, batch: true });
  const calls = [batched.predict, batched.iris.predict].map((procedure) =>
    procedure.mutate({ features: [5, 3, 1.4, 0.2] }).catch(toFailure),
  );
  expect(await Promise.all(calls)).toMatchObject([refused, refused]);
});

test("predictStream is sent again as well when the server is full", async () => {
  let refused = 0;
  const client = createClient({
    url: api.url,
    apiKey: KEY,
    fetch: async (input, init) => {
      refused += 1;
      const headers = { "retry-after": "0" };
      return refused === 1 ? new Response("full", { status: 503, headers }) : fetch(input, init);
    },
  });
  const { value } = await firstOf(await client.predictStream.mutate({ rows }));
  expect(value).toMatchObject({ offset: 0, count: 25 });
  expect(refused).toBe(2);
});

function firstOf<T>(parts: AsyncIterable<T>): Promise<IteratorResult<T>> {
  return parts[Symbol.asyncIterator]().next();
}
