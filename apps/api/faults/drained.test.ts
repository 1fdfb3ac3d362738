import { once } from "node:events";
import { request } from "node:http";
import { expect } from "vitest";
import { eventually, startApi, type ApiProcess } from "../test/support/api-process.ts";
import { openEvents, readEvents } from "../test/support/event-reader.ts";
import { GOOD } from "../test/support/failures.ts";
import { dataFolder, endedJob, irisCsv, jobWhen, startJob } from "../test/support/job-helpers.ts";
import { post, send } from "../test/support/json-request.ts";
import { keepAliveClient } from "../test/support/keep-alive-client.ts";
import { singleClient, streamClient } from "../test/support/trpc-client.ts";
import { fault } from "./frame/fault.ts";
import { owned } from "./frame/owned.ts";
import { sized } from "../test/support/sized.ts";

const ROWS = sized(100_000, 20_000);
const JOB_ROWS = 200_000;

/** Of each kind of work that goes on at once. */
const EACH = sized(4, 2);

/** A server with a data folder that outlives it. */
interface Subject extends AsyncDisposable {
  readonly api: ApiProcess;
  readonly variables: Readonly<Record<string, string>>;
}

/** Calls one after the other until the server says that it ends the connection. */
async function untilClosed(url: string, path: string, done: () => void) {
  using client = keepAliveClient(url);
  for (;;) {
    const { status, headers } = await client.send(path, GOOD);
    expect([200, 503]).toContain(status);
    done();
    if (headers.connection === "close") return "closed";
  }
}

/** A file that is sent in two halves; gives the rows of its answer. */
function sendFile(
  url: string,
  rows: number,
): { begun: Promise<unknown>; finish(): Promise<number> } {
  const csv = irisCsv(rows);
  const asked = request(`${url}/predict-file`, {
    method: "POST",
    headers: { "content-type": "text/csv", "content-length": csv.length },
  });
  // Told where the answer is read.
  asked.on("error", () => undefined);
  const replied = once(asked, "response");
  const middle = csv.length >> 1;
  asked.write(csv.slice(0, middle));
  return {
    begun: replied,
    async finish() {
      asked.end(csv.slice(middle));
      const [reply] = await replied;
      let text = "";
      for await (const part of reply.setEncoding("utf8")) text += part;
      return text.split("\n").length - 2;
    },
  };
}

/** What calls gave, or why they failed; none of them is left behind. */
async function settled(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(calls);
  return outcomes.map((outcome) =>
    outcome.status === "fulfilled" ? outcome.value : String(outcome.reason),
  );
}

function arrange(graceMs: number): Promise<Subject> {
  return owned(async (parts) => {
    const variables = { DATA_DIR: parts.use(await dataFolder()).path };
    const own = { ...variables, SHUTDOWN_GRACE_MS: String(graceMs) };
    return { variables, api: parts.use(await startApi({ variables: own })) };
  });
}

async function check({ api, variables }: Subject): Promise<void> {
  const { url } = api;
  const batch = { rows: Array(ROWS).fill(GOOD.features), batch_size: 100 };
  let singles = 0;
  const loops = ["/predict", "/trpc/predict"].flatMap((path) =>
    Array.from({ length: EACH }, () => untilClosed(url, path, () => (singles += 1))),
  );
  const job = await startJob(url, irisCsv(JOB_ROWS));
  await jobWhen(url, job, ({ rows_done }) => rows_done > 0, "the job is at work");
  const batches = Array.from({ length: EACH }, async () => {
    const { status, body } = await post(`${url}/predict-batch`, batch);
    return [status, body.count];
  });
  const procedures = Array.from({ length: EACH }, async () => {
    const { count } = await singleClient(url).predictBatch.mutate(batch);
    return [200, count];
  });
  const events = Array.from({ length: EACH }, async () => {
    const response = await openEvents(`${url}/predict-batch`, batch);
    const seen = await readEvents(response);
    return [response.statusCode, seen.at(-1)?.data.count];
  });
  const streams = Array.from({ length: EACH }, async () => {
    let count = 0;
    for await (const { predictions } of await streamClient(url).predictStream.mutate(batch)) {
      count += predictions.length;
    }
    return [200, count];
  });
  const file = sendFile(url, 10_000);
  await file.begun;
  const metrics = async () => (await send(`${url}/metrics`)).text;
  await eventually(
    async () => singles > 100 && /inference_large_batches [1-9]/.test(await metrics()),
    "all is at work",
  );

  api.child.kill("SIGTERM");
  await eventually(() => api.log.some(({ msg }) => msg === "draining"), "it drains");
  const whole = await Promise.all([
    settled([file.finish()]),
    settled([...batches, ...procedures, ...events, ...streams]),
    settled(loops),
  ]);
  expect(whole).toEqual([
    [10_000],
    Array.from({ length: 4 * EACH }, () => [200, ROWS]),
    Array(2 * EACH).fill("closed"),
  ]);
  expect(await api.ended()).toBe(0);
  expect(api.errors()).toBe("");

  await using again = await startApi({ variables });
  expect(await endedJob(again.url, job)).toMatchObject({
    status: "succeeded",
    rows_done: JOB_ROWS,
  });
  const { text } = await send(`${again.url}/jobs/${job}/result`);
  expect(text.match(/\n/g)?.length).toBe(JOB_ROWS + 1);
}

fault("SIGTERM with everything in flight", {
  promise:
    "Singles, batches, files and streams over REST and tRPC are answered whole, the process ends with 0, and a job goes on where it is started again.",
  arrange: () => arrange(120_000),
  check,
  twin: {
    lacks: "time to drain",
    arrange: () => arrange(1),
    fails: /Error: aborted|terminated|socket hang up/,
  },
});
