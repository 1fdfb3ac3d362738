import { chmod, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { CSV, HEAD, ROW, SETOSA } from "../support/csv-file.ts";
import { dataFolder, endedJob, irisCsv, startJob } from "../support/job-helpers.ts";
import { post } from "../support/json-request.ts";

// What a file may cost: columns, bytes of result for each byte of input, time of the one thread, bytes on disk.

const MIB = 2 ** 20;
const WIDE = `${HEAD}${",c".repeat(1996)}\n`;

let data: Awaited<ReturnType<typeof dataFolder>>;
let api: ApiProcess;
beforeAll(async () => {
  data = await dataFolder();
  const variables = { DATA_DIR: data.path, INFERENCE_THREADS: "1", SPOOL_MAX_BYTES: "300000" };
  api = await startApi({ variables });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await data[Symbol.asyncDispose]();
});

/** Sends a file and reads what comes until it ends or is cut off. */
async function predictFile(body: string, query = "", begun = () => {}) {
  const url = `${api.url}/predict-file${query}`;
  const reply = await fetch(url, { method: "POST", headers: CSV, body });
  begun();
  let bytes = 0;
  try {
    for await (const piece of reply.body ?? []) bytes += piece.length;
    return { status: reply.status, bytes, whole: true };
  } catch {
    return { status: reply.status, bytes, whole: false };
  }
}

test("100,000 empty columns are 422, and a job of them fails, with the name of the setting", async () => {
  const file = `${HEAD}${",".repeat(100_000)}\n${`${ROW}\n`.repeat(300)}`;
  const why = "The header has 100004 columns; at most 2000 are allowed (MAX_COLUMNS)";
  const { status, body } = await post(`${api.url}/predict-file`, file, CSV);
  expect([status, body.detail]).toEqual([
    422,
    [expect.objectContaining({ type: "too_long", loc: ["body", "header"], msg: why })],
  ]);
  const job = await endedJob(api.url, await startJob(api.url, file));
  expect([job.status, job.error]).toEqual(["failed", why]);
});

test.each([
  ["rows of one letter", `${HEAD}\n${"x\n".repeat(MIB / 2)}`],
  ["short rows under a wide header", `${WIDE}${`${ROW}\n`.repeat(60_000)}`],
])("the result of a file of %s stays in proportion to it", async (_what, file) => {
  const { bytes, whole } = await predictFile(file);
  expect([whole, bytes < 12 * MIB]).toEqual([false, true]);
  const job = await endedJob(api.url, await startJob(api.url, file));
  expect(job.error).toMatch(/^the result became more than 16 times as long as the file/);
});

test("a small file does not wait for the end of wide ones before it", async () => {
  const wide = `${WIDE}${`${ROW}${",".repeat(1996)}\n`.repeat(5000)}`;
  let ended = 0;
  const begun: Promise<unknown>[] = [];
  const before = Array.from({ length: 4 }, async () => {
    const first = Promise.withResolvers<void>();
    begun.push(first.promise);
    const result = await predictFile(wide, "", first.resolve);
    ended += 1;
    return result;
  });
  await Promise.all(begun);
  const { status, text } = await post(`${api.url}/predict-file`, `${HEAD}\n${ROW}\n`, CSV);
  expect([status, ended]).toEqual([200, 0]);
  expect(text).toContain(`${ROW},${SETOSA}`);
  expect((await Promise.all(before)).map(({ whole }) => whole)).toEqual([true, true, true, true]);
});

test("where very many columns are allowed, a block of them is still a short one", async () => {
  const variables = { DATA_DIR: data.path, INFERENCE_THREADS: "1", MAX_COLUMNS: "200000" };
  await using generous = await startApi({ variables });
  const url = `${generous.url}/predict-file`;
  // Filled up, a thousand such rows take the thread minutes.
  const wide = `${HEAD}${",".repeat(100_000)}\n${`${ROW}\n`.repeat(300)}`;
  const sent = post(url, wide, CSV).then(
    () => true,
    () => true,
  );
  let longest = 0;
  let ended = false;
  while (!ended) {
    const began = performance.now();
    const small = post(url, `${HEAD}\n${ROW}\n`, CSV);
    ended = await Promise.race([sent, small.then(() => false)]);
    expect((await small).status).toBe(200);
    longest = Math.max(longest, performance.now() - began);
  }
  expect(longest).toBeLessThan(45_000);
  await sent;
});

test("what files keep on disk meanwhile is bounded, and free again when they end", async () => {
  const { status, body } = await post(`${api.url}/predict-file?strict=true`, irisCsv(20_000), CSV);
  expect([status, body.detail]).toEqual([503, "the server has no room left for this file"]);
  for (let count = 0; count < 3; count += 1) {
    expect(await predictFile(irisCsv(5000), "?strict=true")).toMatchObject({ status: 200 });
  }
});

test("the data folder is the user's own, also where it was there before", async () => {
  const mode = async (name: string) =>
    ((await stat(join(data.path, name))).mode & 0o777).toString(8);
  await using old = await dataFolder();
  await mkdir(join(old.path, "jobs"));
  await writeFile(join(old.path, "jobs.db"), "");
  for (const name of ["", "jobs", "jobs.db"]) await chmod(join(old.path, name), 0o755);
  await using fresh = await dataFolder();
  const DATA_DIR = join(fresh.path, "new");
  await using first = await startApi({ variables: { DATA_DIR } });
  await endedJob(first.url, await startJob(first.url, irisCsv(3)));
  expect(((await stat(DATA_DIR)).mode & 0o777).toString(8)).toBe("700");
  expect(await Promise.all(["jobs", "jobs.db", "spool"].map(mode))).toEqual(["700", "600", "700"]);

  await using second = await startApi({ variables: { DATA_DIR: old.path } });
  const told = second.log.filter(({ msg }) => String(msg).startsWith("open to other users"));
  expect(told.map(({ path, mode: was }) => [path, was])).toEqual(
    ["", "jobs", "jobs.db"].map((name) => [join(old.path, name), "0755"]),
  );
  const modes = ["", "jobs", "jobs.db"].map(
    async (name) => (await stat(join(old.path, name))).mode,
  );
  expect((await Promise.all(modes)).map((each) => (each & 0o777).toString(8))).toEqual([
    "700",
    "700",
    "600",
  ]);
});
