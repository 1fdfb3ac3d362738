import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { eventually, startApi } from "../support/api-process.ts";
import { dataFolder, irisCsv, jobWhen, readJob, startJob } from "../support/job-helpers.ts";
import { send } from "../support/json-request.ts";
import { childrenOf } from "../support/process-tree.ts";

const ROWS = 120_000;
const DATA = irisCsv(ROWS, 211);

/** Which process has which running job, from the database itself. */
function runners(dataDir: string): { id: string; pid: number; attempt: number }[] {
  const database = new DatabaseSync(join(dataDir, "jobs.db"), { readOnly: true });
  const rows = database
    .prepare("SELECT id, owner, attempt FROM jobs WHERE status = 'running'")
    .all();
  database.close();
  return rows.map(({ id, owner, attempt }) => ({
    id: String(id),
    pid: Number(String(owner).split(" ")[1]),
    attempt: Number(attempt),
  }));
}

test("one of several processes runs a job, all answer for it, and another goes on when it is killed", async () => {
  await using data = await dataFolder();
  const variables = { DATA_DIR: data.path, WORKERS: "2" };
  await using api = await startApi({ variables });
  await eventually(() => childrenOf(api.child.pid ?? 0).length === 2, "both processes run");
  // More than two, so that one process is still at work when the thread of the other has started.
  const ids = await Promise.all([1, 2, 3, 4].map(() => startJob(api.url, DATA)));
  await eventually(() => runners(data.path).length === 2, "two processes have a job each");
  const [first, second] = runners(data.path);
  expect(new Set([first?.pid, second?.pid])).toEqual(new Set(childrenOf(api.child.pid ?? 0)));
  const victim = first ?? { id: "", pid: 0 };
  await jobWhen(api.url, victim.id, ({ rows_done }) => rows_done > 0, "the first is at work");
  process.kill(victim.pid, "SIGKILL");
  // Each connection goes to the next process, and one that was on its way to the killed one is lost.
  const answered = (id: string) => readJob(api.url, id).catch(() => undefined);
  for (const id of ids) {
    await eventually(async () => (await answered(id))?.status === "succeeded", `${id} succeeds`);
  }
  const results = await Promise.all(ids.map((id) => send(`${api.url}/jobs/${id}/result`)));
  for (const { status, text } of results) {
    expect(status).toBe(200);
    expect(text.match(/\n/g)?.length).toBe(ROWS + 1);
    expect(text === results[0]?.text).toBe(true);
  }
  const taken = new DatabaseSync(join(data.path, "jobs.db"), { readOnly: true });
  const attempts = taken.prepare("SELECT id, attempt FROM jobs").all();
  taken.close();
  const of = (id: string) => attempts.find((row) => row["id"] === id)?.["attempt"];
  // The one that the killed process had, which may have become its next one by then.
  expect(ids.map((id) => Number(of(id))).toSorted((a, b) => a - b)).toEqual([1, 1, 1, 2]);
});
