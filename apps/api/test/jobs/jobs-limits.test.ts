import { expect, test } from "vitest";
import { eventually, startApi } from "../support/api-process.ts";
import { endedJob, irisCsv, jobWhen, startJob } from "../support/job-helpers.ts";
import { openJobPlace, skipWithoutStore } from "../support/job-place.ts";
import { post, send } from "../support/json-request.ts";
import { singleClient } from "../support/trpc-client.ts";

skipWithoutStore();

const GOOD = "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n";

/** A refused call, as its status, its words and when to come again. */
async function refused(url: string, data = GOOD) {
  const { status, body, headers } = await post(`${url}/trpc/jobs.create`, { format: "csv", data });
  return { status, message: body.error?.message, retryAfter: Number(headers.get("retry-after")) };
}

async function metric(url: string, series: string): Promise<number> {
  const { text } = await send(`${url}/metrics`);
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${series} `));
  return Number(line?.slice(series.length));
}

test("an ended job and its files go when their time is over", async () => {
  await using place = await openJobPlace();
  await using api = await startApi({ variables: { ...place.variables, JOBS_TTL_S: "1" } });
  const job_id = await startJob(api.url, GOOD);
  await endedJob(api.url, job_id);
  await eventually(async () => (await send(`${api.url}/jobs/${job_id}`)).status === 404, "404");
  expect((await send(`${api.url}/jobs/${job_id}/result`)).status).toBe(404);
  await eventually(async () => (await place.held()).length === 0, "its files are gone");
});

test("past the number of jobs that may wait, a further one is refused until a place is free", async () => {
  await using place = await openJobPlace();
  await using api = await startApi({ variables: { ...place.variables, JOBS_MAX_QUEUED: "1" } });
  const running = await startJob(api.url, irisCsv(300_000));
  await jobWhen(api.url, running, ({ status }) => status === "running", "it runs");
  const waiting = await startJob(api.url, GOOD);
  const { status, message, retryAfter } = await refused(api.url);
  expect([status, message]).toEqual([503, "the queue of jobs is full"]);
  expect(await metric(api.url, "jobs_queued")).toBe(1);
  expect(retryAfter).toBeGreaterThan(0);
  await singleClient(api.url).jobs.cancel.mutate({ job_id: running });
  await endedJob(api.url, waiting);
  await eventually(
    async () => (await metric(api.url, 'jobs_ended_total{status="succeeded"}')) === 1,
    "the job is counted",
  );
  expect(await metric(api.url, "jobs_queued")).toBe(0);
  expect(await startJob(api.url, GOOD)).toBeDefined();
});

test("a file over the limit is refused and leaves nothing behind", async () => {
  await using place = await openJobPlace();
  await using api = await startApi({ variables: { ...place.variables, MAX_FILE_BYTES: "1000" } });
  expect((await refused(api.url, irisCsv(1000))).status).toBe(413);
  expect(await place.held()).toEqual([]);
  const job_id = await startJob(api.url, GOOD);
  expect((await endedJob(api.url, job_id)).status).toBe("succeeded");
});
