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
import { sized } from "../support/sized.ts";
import {
  startPostgres,
  WITHOUT_POSTGRES,
  type PostgresServer,
} from "../support/postgres-server.ts";

/** Some twelve chunks, or three. */
const ROWS = sized(2_000_000, 500_000);
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

    /** The chunks of a job, each with the process id of who worked on it last. */
    async function chunksOf(id: string) {
      const text =
        "SELECT status, attempt, owner FROM sepal.job_chunks WHERE id = $1 ORDER BY chunk";
      return (await rows(text, [id])).map(({ status, attempt, owner }) => ({
        status,
        attempt,
        pid: owner === null ? undefined : Number(String(owner).split(" ")[1]),
      }));
    }

    test("replicas share a job, another one goes on when one is killed, and each row is there once and in order", async () => {
      // At once: they make tables and queue together.
      const replicas = await Promise.all([replica(), replica()]);
      await using first = replicas[0];
      await using second = replicas[1];
      const online = await fetch(`${first.url}/predict-file`, {
        method: "POST",
        headers: { "content-type": "text/csv" },
        body: DATA,
      });
      const expected = await online.text();
      expect(expected.match(/\n/g)?.length).toBe(ROWS + 1);

      const id = await startJob(first.url, DATA);
      const pids = [first.child.pid, second.child.pid];
      let victimPid: number | undefined;
      await eventually(async () => {
        const chunks = await chunksOf(id);
        const both = pids.every((pid) => chunks.some((chunk) => chunk.pid === pid));
        victimPid = chunks.find(({ status }) => status === "running")?.pid;
        return both && victimPid !== undefined;
      }, "both are at work");
      const [victim, other] = first.child.pid === victimPid ? [first, second] : [second, first];
      victim.child.kill("SIGKILL");
      await once(victim.child, "exit");
      const left = await readJob(other.url, id);
      expect(left.status).toBe("running");
      expect(left.rows_total).toBe(ROWS);

      // It takes 10 s until the killed one counts as dead.
      const ended = async () => (await readJob(other.url, id)).finished_at !== null;
      await eventually(ended, "the other ends it");
      expect(await readJob(other.url, id)).toMatchObject({
        status: "succeeded",
        rows_done: ROWS,
        rows_total: ROWS,
        rows_bad: Math.floor(ROWS / 97),
      });
      const chunks = await chunksOf(id);
      expect(chunks.length).toBeGreaterThanOrEqual(3);
      expect(chunks.map(({ status }) => status)).toEqual(chunks.map(() => "succeeded"));
      // The chunk that was cut off was begun again by the other.
      expect(chunks.filter(({ attempt }) => attempt > 1).map(({ pid }) => pid)).toEqual([
        other.child.pid,
      ]);
      const result = await send(`${other.url}/jobs/${id}/result`);
      expect(result.headers.get("content-length")).toBe(String(Buffer.byteLength(expected)));
      expect(result.text === expected).toBe(true);
      // Of the inputs nothing is left, and on the disks of the replicas there never was anything.
      expect(await rows("SELECT id FROM sepal.inputs")).toEqual([]);
      for (const { log } of replicas) expect(log.filter(({ level }) => level === 50)).toEqual([]);
      const files = await Promise.all(folders.map(({ path }) => readdir(path)));
      expect(files.flat().filter((name) => name.startsWith("jobs"))).toEqual([]);
    });

    test("a strict job of several chunks fails with its first bad row, and keeps nothing", async () => {
      const replicas = await Promise.all([replica(), replica()]);
      await using first = replicas[0];
      await using second = replicas[1];
      const { body } = await send(`${first.url}/jobs?strict=true`, {
        method: "POST",
        headers: { "content-type": "text/csv" },
        body: irisCsv(ROWS, ROWS * 0.3),
      });
      const id: string = body.job_id;
      const { status, error } = await endedJob(second.url, id);
      expect(status).toBe("failed");
      expect(error).toMatch(new RegExp(`^row ${ROWS * 0.3}: column petal_length: `));
      for (const table of ["result_chunks", "job_chunks", "inputs"]) {
        expect(await rows(`SELECT id FROM sepal.${table} WHERE id = $1`, [id]), table).toEqual([]);
      }
      expect(await rows("SELECT id FROM sepal.reservations")).toEqual([]);
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
