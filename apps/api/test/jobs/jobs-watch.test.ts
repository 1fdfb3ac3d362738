import { createTRPCClient, httpSubscriptionLink } from "@trpc/client";
import type { AppRouter } from "@sepal/api/router";
import type { Job } from "@sepal/schema/job";
import { EventSource } from "undici";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { endedJob, irisCsv, startJob } from "../support/job-helpers.ts";
import { openJobPlace, skipWithoutStore } from "../support/job-place.ts";

const ROWS = 150_000;
const DATA = irisCsv(ROWS);

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

/** Watches a job with the stock client to its end. */
function watch(job_id: string, lastEventId?: string) {
  const link = httpSubscriptionLink({ url: `${api.url}/trpc`, EventSource });
  const client = createTRPCClient<AppRouter>({ links: [link] });
  const events: { id: string; data: Job }[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  client.jobs.watch.subscribe(
    { job_id, lastEventId },
    { onData: (event) => void events.push(event), onComplete: resolve, onError: reject },
  );
  return { events, ended: promise };
}

test("a watched job tells every step in order and the stream ends with it", async () => {
  const id = await startJob(api.url, DATA);
  const { events, ended } = watch(id);
  await ended;
  const jobs = events.map((event) => event.data);
  const done = jobs.map(({ rows_done }) => rows_done);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
  expect(new Set(done).size).toBeGreaterThan(2);
  expect(jobs.slice(0, -1).map(({ finished_at }) => finished_at)).not.toContain(expect.any(String));
  expect(jobs.at(-1)).toEqual(await endedJob(api.url, id));
  expect(jobs.at(-1)).toMatchObject({ status: "succeeded", rows_done: ROWS, rows_total: ROWS });
  const ids = events.map((event) => Number(event.id));
  expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
});

/** The events of a stream that is read as text, by name; each with id and data. */
async function readEvents(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${api.url}/trpc/${path}`, { headers });
  const text = await response.text();
  return text.split("\n\n").flatMap((block) => {
    const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, "m").exec(block)?.[1];
    const content = field("data");
    return content === undefined
      ? []
      : [
          {
            event: field("event") ?? "message",
            id: field("id"),
            data: JSON.parse(content || "null"),
          },
        ];
  });
}

test("a client that comes back gets what it has not seen, and no more", async () => {
  const id = await startJob(
    api.url,
    "sepal_length,sepal_width,petal_length,petal_width\n5,3,1,1\n",
  );
  await endedJob(api.url, id);
  const input = encodeURIComponent(JSON.stringify({ job_id: id }));
  const path = `jobs.watch?input=${input}`;
  const all = await readEvents(path);
  const seen = all.filter(({ event }) => event === "message");
  expect(seen.length).toBe(1);
  const last = seen[0]?.id ?? "";
  const named = (events: typeof all) => events.map(({ event }) => event);
  expect(named(all)).toEqual(["connected", "message", "return"]);
  expect(all[0]?.data).toMatchObject({ reconnectAfterInactivityMs: 45_000 });
  const again = await readEvents(path, { "last-event-id": last });
  expect(named(again)).toEqual(["connected", "return"]);
  const earlier = await readEvents(path, { "last-event-id": String(Number(last) - 1) });
  expect(earlier.filter(({ event }) => event === "message")).toEqual(seen);
  const wrong = await readEvents(path, { "last-event-id": "no number" });
  expect(wrong.filter(({ event }) => event === "message")).toEqual(seen);
});

test("watching a job that does not exist fails for good", async () => {
  const { events, ended } = watch("00000000-0000-4000-8000-000000000000");
  const error = await ended.catch((reason: unknown) => reason);
  expect(events).toEqual([]);
  expect(error).toMatchObject({ data: { code: "NOT_FOUND", httpStatus: 404 } });
});

test("a watched stream does not hold up the end of the server, and its client watches on at the next", async () => {
  await using other = await openJobPlace();
  const { variables } = other;
  const first = await startApi({ variables });
  const { port } = new URL(first.url);
  const job_id = await startJob(first.url, DATA);
  const link = httpSubscriptionLink({ url: `${first.url}/trpc`, EventSource });
  const client = createTRPCClient<AppRouter>({ links: [link] });
  const events: Job[] = [];
  let complete = false;
  client.jobs.watch.subscribe(
    { job_id },
    {
      onData: (event) => void events.push(event.data),
      onComplete: () => {
        complete = true;
      },
    },
  );
  await eventually(() => events.some(({ rows_done }) => rows_done > 0), "it is at work");
  first.child.kill("SIGTERM");
  expect(await first.ended()).toBe(0);
  await using second = await startApi({ variables: { ...variables, PORT: port } });
  await eventually(() => complete, "the job ends");
  expect((await endedJob(second.url, job_id)).status).toBe("succeeded");
  expect(events.at(-1)).toMatchObject({ status: "succeeded", rows_done: ROWS });
});
