import { access, mkdir, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually, startApi } from "../support/api-process.ts";
import {
  dataFolder,
  endedJob,
  irisCsv,
  jobWhen,
  readJob,
  startJob,
} from "../support/job-helpers.ts";
import { post, send } from "../support/json-request.ts";

const GOOD = "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n";

test("without a folder to keep jobs in, jobs are refused and predictions are not", async () => {
  await using data = await dataFolder();
  const DATA_DIR = join(data.path, "taken");
  await writeFile(DATA_DIR, "no folder");
  await using api = await startApi({ variables: { DATA_DIR } });
  const predicted = await post(`${api.url}/predict`, { features: [5.1, 3.5, 1.4, 0.2] });
  expect(predicted.status).toBe(200);
  const { status, body } = await post(`${api.url}/trpc/jobs.create`, { format: "csv", data: GOOD });
  expect(status).toBe(503);
  expect(body.error.message).toBe("the folder of the jobs cannot be opened");
  expect((await send(`${api.url}/jobs/x`)).status).toBe(404);
  await eventually(() => api.log.some(({ msg }) => msg === "jobs"), "the log tells");
});

test("a disk that is full stops a job, which goes on when there is room, without a row lost", async () => {
  await using data = await dataFolder();
  await using api = await startApi({ variables: { DATA_DIR: data.path } });
  const first = await startJob(api.url, irisCsv(200_000));
  const rows = 2000;
  const job_id = await startJob(api.url, irisCsv(rows));
  // The first attempt of the second job writes to a device that is always full.
  await symlink("/dev/full", join(data.path, "jobs", job_id, "1.part"));
  const stopped = await jobWhen(api.url, job_id, ({ error }) => error !== null, "it is stopped");
  expect(stopped).toMatchObject({ status: "queued", error: "the disk is full", rows_done: 0 });
  expect((await readJob(api.url, first)).status).toBe("succeeded");
  const ended = await endedJob(api.url, job_id);
  expect(ended).toMatchObject({ status: "succeeded", rows_done: rows, error: null });
  const { text } = await send(`${api.url}/jobs/${job_id}/result`);
  expect(text.match(/\n/g)?.length).toBe(rows + 1);
});

test("files that belong to no job are removed once nobody can be writing to them", async () => {
  await using data = await dataFolder();
  await using first = await startApi({ variables: { DATA_DIR: data.path } });
  await endedJob(first.url, await startJob(first.url, GOOD));
  await first[Symbol.asyncDispose]();
  const folder = (name: string) => join(data.path, "jobs", name);
  await mkdir(folder("fresh"));
  await writeFile(join(folder("fresh"), "input"), "still coming");
  await mkdir(folder("old"));
  await writeFile(join(folder("old"), "input"), "of a process that was killed");
  await utimes(join(folder("old"), "input"), 0, 0);
  await using second = await startApi({ variables: { DATA_DIR: data.path } });
  const gone = (name: string) =>
    access(folder(name)).then(
      () => false,
      () => true,
    );
  await eventually(() => gone("old"), "the old one is gone");
  expect(await gone("fresh")).toBe(false);
  expect(second.child.exitCode).toBe(null);
});
