import { once } from "node:events";
import { appendFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { dataFolder, endedJob, irisCsv, jobWhen, startJob } from "../support/job-helpers.ts";
import { send } from "../support/json-request.ts";

const ROWS = 100_000;
const DATA = irisCsv(ROWS, 97);
const BAD_ROWS = Math.floor(ROWS / 97);

async function resultOf(api: ApiProcess, id: string): Promise<string> {
  const { status, text } = await send(`${api.url}/jobs/${id}/result`);
  expect(status).toBe(200);
  return text;
}

/** The result of the same file by a job that nothing disturbs. */
async function undisturbed(DATA_DIR: string): Promise<string> {
  await using api = await startApi({ variables: { DATA_DIR } });
  const id = await startJob(api.url, DATA);
  const job = await endedJob(api.url, id);
  expect(job).toMatchObject({ status: "succeeded", rows_done: ROWS, rows_bad: BAD_ROWS });
  const text = await resultOf(api, id);
  expect(text.match(/\n/g)?.length).toBe(ROWS + 1);
  return text;
}

/** Files that the attempts of a job wrote, in the order of the attempts. */
async function parts(dataDir: string, id: string): Promise<string[]> {
  const folder = join(dataDir, "jobs", id);
  const numbers = (await readdir(folder)).flatMap((name) => /^(\d+)\.part$/.exec(name)?.[1] ?? []);
  return numbers.toSorted((a, b) => Number(a) - Number(b)).map((n) => join(folder, `${n}.part`));
}

/** As if the kill had come between the writing of a step and its commit, which it rarely does by itself. */
async function tearLastPart(dataDir: string, id: string): Promise<void> {
  const last = (await parts(dataDir, id)).at(-1);
  if (last !== undefined) await appendFile(last, "1,5.0,written and not commi");
}

let data: Awaited<ReturnType<typeof dataFolder>>;
let expected: string;
beforeAll(async () => {
  data = await dataFolder();
  expected = await undisturbed(data.path);
});
afterAll(() => data[Symbol.asyncDispose]());

test("kill -9 at many places of one job leaves each row in the result exactly once", async () => {
  const variables = { DATA_DIR: data.path };
  let id = "";
  // At once after the answer, while it is counted or not begun, and then between checkpoints.
  for (const share of [0, 0.2, 0.5]) {
    await using api = await startApi({ variables });
    if (id === "") id = await startJob(api.url, DATA);
    const reached = ({ rows_done }: { rows_done: number }) => rows_done >= share * ROWS;
    const job = await jobWhen(api.url, id, reached, `${share} of the rows are done`);
    expect(job.status).not.toBe("succeeded");
    api.child.kill("SIGKILL");
    await once(api.child, "exit");
    await tearLastPart(data.path, id);
  }
  await using api = await startApi({ variables });
  const job = await endedJob(api.url, id);
  expect(job).toMatchObject({ status: "succeeded", rows_done: ROWS, rows_total: ROWS });
  expect(job.rows_bad).toBe(BAD_ROWS);
  expect((await resultOf(api, id)) === expected).toBe(true);
  expect((await parts(data.path, id)).length).toBeGreaterThan(1);
});

test("SIGTERM stops a job at a checkpoint, and it goes on after the restart", async () => {
  const variables = { DATA_DIR: data.path };
  await using first = await startApi({ variables });
  const id = await startJob(first.url, DATA);
  await jobWhen(first.url, id, ({ rows_done }) => rows_done > 0, "it is at work");
  first.child.kill("SIGTERM");
  expect(await first.ended()).toBe(0);
  await using second = await startApi({ variables });
  const before = (await send(`${second.url}/jobs/${id}`)).body;
  expect(before.rows_done).toBeGreaterThan(0);
  expect(await endedJob(second.url, id)).toMatchObject({ status: "succeeded", rows_done: ROWS });
  expect((await resultOf(second, id)) === expected).toBe(true);
});
