import { once } from "node:events";
import { request, type ClientRequest, type IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { eventually, startApi } from "../support/api-process.ts";
import { endedJob, irisCsv, readJob, startJob } from "../support/job-helpers.ts";
import { openJobPlace, skipWithoutStore } from "../support/job-place.ts";
import { post } from "../support/json-request.ts";

// What jobs take on disk never passes `JOBS_MAX_BYTES`, however it comes.

skipWithoutStore();

const GOOD = "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n";
const KIB = 1024;

function open(url: string, headers: Record<string, string | number> = {}): ClientRequest {
  const { hostname, port } = new URL(url);
  const type = { "content-type": "text/csv" };
  const options = { hostname, port, path: "/jobs", method: "POST", agent: false };
  return request({ ...options, headers: { ...type, ...headers } });
}

async function replyOf(sent: ClientRequest) {
  const [reply]: IncomingMessage[] = await once(sent, "response");
  if (reply === undefined) throw new Error("no response");
  let text = "";
  for await (const part of reply.setEncoding("utf8")) text += part;
  return {
    status: reply.statusCode,
    body: JSON.parse(text),
    retryAfter: reply.headers["retry-after"],
  };
}

/** Sends a file of unknown length in pieces, each when `next` says so. */
async function sendSlowly(url: string, csv: string, next: () => Promise<void>) {
  const sent = open(url);
  sent.on("error", () => {});
  const replied = replyOf(sent);
  for (let at = 0; at < csv.length; at += 16 * KIB) {
    sent.write(csv.slice(at, at + 16 * KIB));
    await next();
  }
  sent.end();
  return replied;
}

async function submit(url: string, data: string) {
  const { status, body } = await post(`${url}/trpc/jobs.create`, { format: "csv", data });
  return { status, message: body.error?.message, id: body.result?.data.job_id };
}

test("a file that is larger than all jobs may be is 413 and names the setting", async () => {
  await using place = await openJobPlace();
  await using api = await startApi({ variables: { ...place.variables, JOBS_MAX_BYTES: "1000" } });
  const { status, message } = await submit(api.url, irisCsv(1000));
  expect([status, message]).toEqual([413, expect.stringContaining("(JOBS_MAX_BYTES)")]);
  expect(await place.held()).toEqual([]);
  const job_id = await startJob(api.url, GOOD);
  expect((await endedJob(api.url, job_id)).status).toBe("succeeded");
});

test("a declared length is reserved before its bytes come, and given back when the client goes", async () => {
  await using place = await openJobPlace();
  await using api = await startApi({
    variables: { ...place.variables, JOBS_MAX_BYTES: String(100 * KIB) },
  });
  const stalled = open(api.url, { "content-length": 90 * KIB, expect: "100-continue" });
  stalled.on("error", () => {});
  stalled.flushHeaders();
  await once(stalled, "continue");
  stalled.write(GOOD);
  await eventually(async () => (await place.bytes()) > 0, "the first bytes are stored");
  const csv = irisCsv(800);
  const sent = open(api.url, { "content-length": csv.length });
  const replied = replyOf(sent);
  sent.end(csv);
  const { status, body, retryAfter } = await replied;
  expect([status, body.detail]).toEqual([
    503,
    "the jobs that are kept fill their disk space (JOBS_MAX_BYTES)",
  ]);
  expect(Number(retryAfter)).toBeGreaterThan(0);
  stalled.destroy();
  await eventually(async () => (await submit(api.url, csv)).status === 200, "its room is free");
});

test("uploads and results together never take more, and what is rejected leaves nothing", async () => {
  const most = 400 * KIB;
  await using place = await openJobPlace();
  await using api = await startApi({
    variables: { ...place.variables, JOBS_MAX_BYTES: String(most) },
  });
  const csv = irisCsv(5000);
  let peak = 0;
  const look = async () => {
    peak = Math.max(peak, await place.bytes());
  };
  const first = await sendSlowly(api.url, csv, look);
  const replies = [
    first,
    ...(await Promise.all(Array.from({ length: 5 }, () => sendSlowly(api.url, csv, look)))),
  ];
  const statuses = replies.map(({ status }) => status);
  expect(first.status).toBe(202);
  expect(statuses).toContain(503);
  const taken = replies.filter(({ status }) => status === 202).map(({ body }) => body.job_id);
  for (const id of taken) {
    await eventually(async () => {
      await look();
      return (await readJob(api.url, id)).finished_at !== null;
    }, `job ${id} ends`);
  }
  expect(peak).toBeGreaterThan(0);
  expect(peak).toBeLessThanOrEqual(most);
  expect((await place.held()).filter((id) => !taken.includes(id))).toEqual([]);
});

test("a job whose result does not fit fails, says why and frees its room", async () => {
  await using place = await openJobPlace();
  const csv = irisCsv(4000);
  const variables = { ...place.variables, JOBS_MAX_BYTES: String(csv.length + 10 * KIB) };
  await using api = await startApi({ variables });
  const { status, error } = await endedJob(api.url, await startJob(api.url, csv));
  expect([status, error]).toEqual(["failed", expect.stringContaining("(JOBS_MAX_BYTES)")]);
  await eventually(async () => (await place.bytes()) === 0, "its files are gone");
  expect((await endedJob(api.url, await startJob(api.url, GOOD))).status).toBe("succeeded");
});
