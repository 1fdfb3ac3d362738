import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "@sepal/schema/job";
import { eventually } from "./api-process.ts";
import { send } from "./json-request.ts";
import { keepProbedVersions } from "./probed-versions.ts";

/** A data folder for one test, removed with it. A server that starts on it knows the shipped models. */
export async function dataFolder() {
  const path = await mkdtemp(join(tmpdir(), "sepal-jobs-"));
  await keepProbedVersions(path);
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** A CSV of iris rows, each unlike its neighbours; every `badEvery`th row has no number in a column. */
export function irisCsv(rows: number, badEvery = 0): string {
  const lines = ["id,sepal_length,sepal_width,petal_length,petal_width"];
  for (let row = 1; row <= rows; row += 1) {
    const bad = badEvery > 0 && row % badEvery === 0;
    const petal = bad ? "?" : (1 + (row % 59) / 10).toFixed(1);
    const length = (4 + (row % 37) / 10).toFixed(1);
    lines.push(
      `${row},${length},${(2 + (row % 23) / 10).toFixed(1)},${petal},${(row % 25) / 10 + 0.1}`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** Makes a job of a CSV text; gives its id. */
export async function startJob(url: string, csv: string): Promise<string> {
  const headers = { "content-type": "text/csv" };
  const { status, body, text } = await send(`${url}/jobs`, { method: "POST", headers, body: csv });
  if (status !== 202) throw new Error(text);
  return body.job_id;
}

/** A job as the server tells of it. */
export async function readJob(url: string, id: string): Promise<Job> {
  return (await send(`${url}/jobs/${id}`)).body;
}

/** Waits until a job is as wanted; gives it as it then is. */
export async function jobWhen(
  url: string,
  id: string,
  wanted: (job: Job) => boolean,
  what: string,
  milliseconds?: number,
): Promise<Job> {
  let job: Job | undefined;
  await eventually(
    async () => {
      job = await readJob(url, id);
      return wanted(job);
    },
    what,
    milliseconds,
  );
  if (job === undefined) throw new Error(`never: ${what}`);
  return job;
}

/** Waits until a job has ended; gives it as it then is. Threads of jobs have a low priority: others may starve them. */
export function endedJob(url: string, id: string, milliseconds = 360_000): Promise<Job> {
  const ended = ({ finished_at }: Job) => finished_at !== null;
  return jobWhen(url, id, ended, `job ${id} ends`, milliseconds);
}
