import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "vitest";
import type { ApiProcess } from "../test/support/api-process.ts";
import { dataFolder, endedJob, irisCsv, jobWhen, startJob } from "../test/support/job-helpers.ts";
import { send } from "../test/support/json-request.ts";
import { fault } from "./frame/fault.ts";
import { sized } from "../test/support/sized.ts";
import { startChanged, type SourceChange } from "./frame/start-changed.ts";

/** So many that a fast machine is still at work when it is stopped: a second and more. */
const ROWS = sized(2_000_000, 300_000);
/** Longest wait for the end of a job of that many rows, in milliseconds. */
const LONG_MS = 500_000;

interface TwoRunners extends AsyncDisposable {
  readonly first: ApiProcess;
  /** Starts another runner on the same data. */
  readonly another: () => Promise<ApiProcess>;
  readonly dataDir: string;
}

async function twoRunners(changes: readonly SourceChange[] = []): Promise<TwoRunners> {
  const data = await dataFolder();
  const variables = { DATA_DIR: data.path };
  const first = await startChanged({ changes, variables });
  return {
    first,
    another: () => startChanged({ changes, variables }),
    dataDir: data.path,
    async [Symbol.asyncDispose]() {
      await first[Symbol.asyncDispose]();
      await data[Symbol.asyncDispose]();
    },
  };
}

fault("The process that runs a job freezes and comes back", {
  promise:
    "Once its claim lapses another process goes on with the job, and what the first one does then adds nothing to the result.",
  arrange: () => twoRunners(),
  async check({ first, another, dataDir }) {
    const id = await startJob(first.url, irisCsv(ROWS, 211));
    await jobWhen(first.url, id, ({ rows_done }) => rows_done > 0, "it is at work");
    process.kill(first.child.pid ?? 0, "SIGSTOP");
    // As if its claim had lapsed: nothing else may take the job from a process that is there.
    const database = new DatabaseSync(join(dataDir, "jobs.db"), { timeout: 5000 });
    const lapse = database.prepare("UPDATE jobs SET lease_until = 0 WHERE id = ?");
    expect(lapse.run(id).changes).toBe(1);
    await using second = await another();
    await jobWhen(
      second.url,
      id,
      ({ rows_done }) => rows_done > ROWS / 4,
      "the other goes on",
      LONG_MS,
    );
    process.kill(first.child.pid ?? 0, "SIGCONT");
    const { status, rows_done } = await endedJob(second.url, id, LONG_MS);
    expect([status, rows_done], "the job at its end").toEqual(["succeeded", ROWS]);
    const attempt = database.prepare("SELECT attempt FROM jobs WHERE id = ?").get(id)?.["attempt"];
    database.close();
    expect(attempt, "attempts").toBe(2);
    const { text } = await send(`${first.url}/jobs/${id}/result`);
    const ids = text.split("\n").slice(1, -1).map(Number.parseFloat);
    expect(ids.length, "rows of the result").toBe(ROWS);
    expect(ids.every((value, index) => value === index + 1)).toBe(true);
  },
  twin: {
    lacks: "a store that takes the work of any attempt",
    arrange: () =>
      twoRunners([
        {
          file: "sqlite/sqlite-job-queue.ts",
          text: "attempt = ? AND status = 'running'",
          by: "? > 0 AND status = 'running'",
        },
      ]),
    fails: /the job at its end|rows of the result/,
  },
});
