import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import {
  dataFolder,
  endedJob,
  irisCsv,
  jobWhen,
  readJob,
  startJob,
} from "../support/job-helpers.ts";
import { send } from "../support/json-request.ts";
import {
  startPostgres,
  WITHOUT_POSTGRES,
  type PostgresServer,
} from "../support/postgres-server.ts";

const ROWS = 100_000;
const DATA = irisCsv(ROWS, 97);

describe.skipIf(WITHOUT_POSTGRES !== undefined)(
  `jobs in PostgreSQL ${WITHOUT_POSTGRES ?? ""}`,
  () => {
    let postgres: PostgresServer;
    const folders: Awaited<ReturnType<typeof dataFolder>>[] = [];
    beforeAll(async () => {
      postgres = await startPostgres();
    });
    afterAll(async () => {
      await postgres[Symbol.asyncDispose]();
      await Promise.all(folders.map((folder) => folder[Symbol.asyncDispose]()));
    });

    /** An API process with a data folder of its own. */
    async function replica(variables: Record<string, string> = {}): Promise<ApiProcess> {
      const data = await dataFolder();
      folders.push(data);
      const own = { DATA_DIR: data.path, DATABASE_URL: postgres.url };
      return startApi({ variables: { ...own, ...variables } });
    }

    async function rows(text: string, values: unknown[] = []) {
      const client = new Client(postgres.url);
      await client.connect();
      try {
        return (await client.query(text, values)).rows;
      } finally {
        await client.end();
      }
    }

    /** Process id of the one that works on a job. */
    async function runnerOf(id: string): Promise<number> {
      const [row] = await rows("SELECT owner FROM sepal.jobs WHERE id = $1", [id]);
      return Number(String(row?.owner).split(" ")[1]);
    }

    test("any replica takes a job, another one goes on when it is killed, and each row is there once", async () => {
      // At once: they make tables and queue together.
      const replicas = await Promise.all([replica(), replica()]);
      await using first = replicas[0];
      await using second = replicas[1];
      const undisturbed = await startJob(first.url, DATA);
      expect(await endedJob(second.url, undisturbed)).toMatchObject({ status: "succeeded" });
      const expected = await send(`${second.url}/jobs/${undisturbed}/result`);
      expect(expected.text.match(/\n/g)?.length).toBe(ROWS + 1);

      const id = await startJob(first.url, DATA);
      await jobWhen(second.url, id, ({ rows_done }) => rows_done > 0, "one is at work");
      const pid = await runnerOf(id);
      const [victim, other] = first.child.pid === pid ? [first, second] : [second, first];
      expect(victim.child.pid).toBe(pid);
      victim.child.kill("SIGKILL");
      await once(victim.child, "exit");
      const left = await readJob(other.url, id);
      expect(left.status).toBe("running");
      expect(left.rows_done).toBeGreaterThan(0);
      expect(left.rows_done).toBeLessThan(ROWS);

      // It takes 10 s until the killed one counts as dead.
      const ended = async () => (await readJob(other.url, id)).finished_at !== null;
      await eventually(ended, "the other ends it");
      expect(await runnerOf(id)).toBe(other.child.pid);
      expect(await readJob(other.url, id)).toMatchObject({
        status: "succeeded",
        rows_done: ROWS,
        rows_total: ROWS,
        rows_bad: Math.floor(ROWS / 97),
      });
      const result = await send(`${other.url}/jobs/${id}/result`);
      expect(result.headers.get("content-length")).toBe(String(Buffer.byteLength(expected.text)));
      expect(result.text === expected.text).toBe(true);
      // Of the inputs nothing is left, and on the disks of the replicas there never was anything.
      expect(await rows("SELECT id FROM sepal.inputs")).toEqual([]);
      for (const { log } of replicas) expect(log.filter(({ level }) => level === 50)).toEqual([]);
      const files = await Promise.all(folders.map(({ path }) => readdir(path)));
      expect(files.flat().filter((name) => name.startsWith("jobs"))).toEqual([]);
    });

    test("one order makes one job, and a cancelled one leaves no rows behind", async () => {
      await using api = await replica({ MAX_FILE_BYTES: String(DATA.length) });
      const order = (body: string) => {
        const headers = { "content-type": "text/csv", "idempotency-key": "one" };
        return send(`${api.url}/jobs`, { method: "POST", headers, body });
      };
      const [first, again] = await Promise.all([order(DATA), order(DATA)]);
      expect([first.status, again.body.job_id]).toEqual([202, first.body.job_id]);
      expect((await order(irisCsv(3))).status).toBe(422);
      expect((await order(`${DATA}5.1,3.5,1.4,0.2\n`)).status).toBe(413);
      const id: string = first.body.job_id;
      await jobWhen(api.url, id, ({ rows_done }) => rows_done > 0, "it is at work");
      const { status, body } = await send(`${api.url}/jobs/${id}`, { method: "DELETE" });
      expect([status, body.status]).toEqual([200, "cancelled"]);
      // The next job runs on the same thread: the cancelled one adds nothing any more.
      await endedJob(api.url, await startJob(api.url, irisCsv(3)));
      expect(await readJob(api.url, id)).toEqual(body);
      expect(await rows("SELECT id FROM sepal.result_chunks WHERE id = $1", [id])).toEqual([]);
      expect(await rows("SELECT id FROM sepal.inputs")).toEqual([]);
    });
  },
);
