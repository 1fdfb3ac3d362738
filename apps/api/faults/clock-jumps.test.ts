import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "vitest";
import { eventually, type ApiProcess } from "../test/support/api-process.ts";
import { identityCommand } from "../test/support/identity-command.ts";
import { dataFolder, endedJob, irisCsv, jobWhen, startJob } from "../test/support/job-helpers.ts";
import { post, send } from "../test/support/json-request.ts";
import { fault } from "./frame/fault.ts";
import { sized } from "../test/support/sized.ts";
import { startChanged, type SourceChange } from "./frame/start-changed.ts";

const HOURS = 3_600_000;
const ROWS = sized(2_000_000, 300_000);
/** Longest wait for the end of a job of that many rows, in milliseconds. */
const LONG_MS = 300_000;
const ROW = { features: [5.1, 3.5, 1.4, 0.2] };
const PASSWORD = "correct horse battery";

interface Clocked extends AsyncDisposable {
  readonly api: ApiProcess;
  readonly dataDir: string;
  /** Sets the server's clock of the day that far from the true one. */
  readonly jump: (milliseconds: number) => Promise<void>;
}

interface ClockedOptions {
  readonly variables?: Readonly<Record<string, string>>;
  readonly users?: boolean;
  readonly changes?: readonly SourceChange[];
}

async function clocked({ variables = {}, users = false, changes = [] }: ClockedOptions) {
  const data = await dataFolder();
  const identity = {
    USERS_FILE: join(data.path, "users"),
    JWT_SECRET: "0123456789abcdef".repeat(2),
  };
  if (users) await identityCommand(["users", "add", "ada"], identity, `${PASSWORD}\n`);
  const own = { ...variables, ...(users && identity), DATA_DIR: data.path };
  const api = await startChanged({ causes: ["clock.ts"], changes, variables: own });
  const subject: Clocked = {
    api,
    dataDir: data.path,
    async jump(clockMs) {
      const done = once(api.child, "message");
      api.child.send({ clockMs });
      await done;
    },
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await data[Symbol.asyncDispose]();
    },
  };
  return subject;
}

const quota = { RATE_LIMIT: "4/hour" };

fault("The clock jumps while a quota is used up", {
  promise:
    "A quota that is used up neither refills nor lasts longer: it is counted by a clock that only goes forward.",
  arrange: () => clocked({ variables: quota }),
  async check({ api, jump }) {
    const call = () => post(`${api.url}/predict`, ROW);
    await eventually(async () => (await call()).status === 429, "the quota is used up");
    for (const hours of [0, 2, -2, 48, 0]) {
      await jump(hours * HOURS);
      const { status, headers } = await call();
      expect(status, `status ${hours} hours away`).toBe(429);
      expect(Number(headers.get("retry-after")), "Retry-After").toBeLessThanOrEqual(3600);
    }
  },
  twin: {
    lacks: "quotas counted by the clock of the day",
    arrange: () =>
      clocked({
        variables: quota,
        changes: [
          { file: "rate-limit/token-buckets.ts", text: "performance.now()", by: "Date.now()" },
        ],
      }),
    fails: /status 2 hours away/,
  },
});

fault("The clock jumps past the end of a token", {
  promise:
    "A token ends by the clock as it is now: 401 past its end, also where it was checked before, and good again when the clock is put right.",
  arrange: () => clocked({ users: true }),
  async check({ api, jump }) {
    const login = await post(`${api.url}/login`, { username: "ada", password: PASSWORD });
    const headers = { authorization: `Bearer ${login.body.access_token}` };
    const seen: number[] = [];
    for (const hours of [0, 24 * 365, 0]) {
      await jump(hours * HOURS);
      seen.push((await post(`${api.url}/predict`, ROW, headers)).status);
    }
    expect(seen, "statuses before, past and before its end").toEqual([200, 401, 200]);
  },
  twin: {
    lacks: "tokens that are good for ever once they were checked",
    arrange: () =>
      clocked({
        users: true,
        changes: [
          {
            file: "auth/tokens.ts",
            text: "known.expires + this.#toleranceMs > Date.now()",
            by: "known.expires > 0",
          },
        ],
      }),
    fails: /statuses before, past and before its end/,
  },
});

fault("The clock jumps while a job runs", {
  promise:
    "The job goes on by the claim it has, with every row once, a new one begins at once, and no deadline passes early.",
  arrange: () => clocked({}),
  async check({ api, jump, dataDir }) {
    const id = await startJob(api.url, irisCsv(ROWS));
    let done = 0;
    for (const hours of [1, -1]) {
      const job = await jobWhen(api.url, id, ({ rows_done }) => rows_done > done, "it goes on");
      done = job.rows_done;
      await jump(hours * HOURS);
      const reply = await post(`${api.url}/predict`, ROW, { "x-request-timeout-ms": "10000" });
      expect(reply.status, "a prediction with a deadline").toBe(200);
    }
    const ended = await endedJob(api.url, id, LONG_MS);
    expect([ended.status, ended.rows_done], "the job at its end").toEqual(["succeeded", ROWS]);
    const { text } = await send(`${api.url}/jobs/${id}/result`);
    expect(text.match(/\n/g)?.length, "lines of the result").toBe(ROWS + 1);
    const database = new DatabaseSync(join(dataDir, "jobs.db"), { readOnly: true });
    const row = database.prepare("SELECT attempt FROM jobs WHERE id = ?").get(id);
    database.close();
    expect(row?.["attempt"], "claims that it took").toBe(1);
    const next = await endedJob(api.url, await startJob(api.url, irisCsv(3)));
    expect(next.status, "a new job").toBe("succeeded");
  },
  twin: {
    lacks: "a runner that gives up a claim whose time has passed by the clock of the day",
    arrange: () =>
      clocked({
        changes: [
          {
            file: "sqlite/sqlite-job-queue.ts",
            text: `"SELECT 1 FROM jobs WHERE id = ? AND attempt = ? AND status = 'running'"`,
            by: "`SELECT 1 FROM jobs WHERE id = ? AND attempt = ? AND status = 'running' AND lease_until > ${Date.now()}`",
          },
        ],
      }),
    fails: /claims that it took/,
  },
});
