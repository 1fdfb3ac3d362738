import { expect } from "vitest";
import { eventually, startApi, type ApiProcess } from "../test/support/api-process.ts";
import { dataFolder, irisCsv, jobWhen, readJob, startJob } from "../test/support/job-helpers.ts";
import { send } from "../test/support/json-request.ts";
import {
  startPostgres,
  WITHOUT_POSTGRES,
  type PostgresServer,
} from "../test/support/postgres-server.ts";
import { fault, type Within } from "./frame/fault.ts";
import { othersAreServed } from "./frame/others-are-served.ts";
import { owned } from "./frame/owned.ts";
import { startChanged } from "./frame/start-changed.ts";

const ROWS = 100_000;

/** Longest time until a call that needs a database is refused, in milliseconds. */
const REFUSED_MS = 16_000;

/** Longest time until a job goes on and ends, in milliseconds: its runner counts as gone after 10 s. */
const ENDED_MS = 60_000;

interface Subject extends AsyncDisposable {
  readonly api: ApiProcess;
  readonly postgres: PostgresServer;
}

function arrange(
  start: (variables: Record<string, string>) => Promise<ApiProcess>,
): Promise<Subject> {
  return owned(async (parts) => {
    const { path } = parts.use(await dataFolder());
    const postgres = parts.use(await startPostgres());
    const variables = { DATA_DIR: path, DATABASE_URL: postgres.url };
    return { postgres, api: parts.use(await start(variables)) };
  });
}

interface Outage {
  readonly begin: (postgres: PostgresServer) => void | Promise<void>;
  readonly end: (postgres: PostgresServer) => void | Promise<void>;
}

async function goneAndBack(
  { api, postgres }: Subject,
  within: Within,
  { begin, end }: Outage,
): Promise<void> {
  const { url } = api;
  const id = await startJob(url, irisCsv(ROWS, 97));
  await jobWhen(url, id, ({ rows_done }) => rows_done > 0, "it is at work");
  await begin(postgres);
  try {
    const headers = { "content-type": "text/csv" };
    const call = async (path: string, init: RequestInit) => {
      const signal = AbortSignal.timeout(within(REFUSED_MS));
      const reply = await send(url + path, { ...init, signal });
      return [init.method, reply.status, reply.headers.get("retry-after")];
    };
    const calls = Promise.all([
      call("/jobs", { method: "POST", headers, body: irisCsv(3) }),
      call(`/jobs/${id}`, { method: "GET" }),
      call(`/jobs/${id}`, { method: "DELETE" }),
      call(`/jobs/${id}/result`, { method: "GET" }),
    ]);
    calls.catch(() => undefined);
    await othersAreServed(api);
    expect((await send(`${url}/health/ready`)).status).toBe(200);
    expect((await calls).join(" ")).toBe("POST,503,5 GET,503,5 DELETE,503,5 GET,503,5");
    await othersAreServed(api);
  } finally {
    await end(postgres);
  }
  const back = async () => (await send(`${url}/jobs/${id}`)).status === 200;
  await eventually(back, "it is back", within(30_000));
  const logged = (wanted: string) => api.log.filter(({ msg }) => msg === wanted).length;
  await eventually(() => logged("the database of jobs is back") === 1, "it is logged once");
  expect(logged("the database of jobs is gone")).toBe(1);
  await eventually(
    async () => (await readJob(url, id)).status === "succeeded",
    "the job goes on",
    within(ENDED_MS),
  );
  const { text } = await send(`${url}/jobs/${id}/result`);
  expect(text.match(/\n/g)?.length).toBe(ROWS + 1);
}

const promise =
  "Calls of jobs are 503 with `Retry-After` within 16 s, predictions and readiness go on, the log tells once of loss and return, and jobs go on with no row lost.";

fault("PostgreSQL is killed and comes back", {
  promise,
  waits: true,
  cannot: WITHOUT_POSTGRES,
  arrange: () => arrange((variables) => startApi({ variables })),
  check: (subject, within) =>
    goneAndBack(subject, within, {
      begin: (postgres) => postgres.stop(),
      end: (postgres) => postgres.start(),
    }),
  twin: {
    lacks: "knowledge of what an outage is",
    arrange: () =>
      arrange((variables) =>
        startChanged({
          variables,
          changes: [
            {
              file: "src/jobs/postgres/database.ts",
              text: "if (fault === undefined) throw cause;",
              by: "throw cause;",
            },
          ],
        }),
      ),
    fails: /expected 'POST,500/,
  },
});

fault("PostgreSQL hangs and goes on", {
  promise,
  waits: true,
  cannot: WITHOUT_POSTGRES,
  arrange: () => arrange((variables) => startApi({ variables })),
  check: (subject, within) =>
    goneAndBack(subject, within, {
      begin: (postgres) => postgres.signal("SIGSTOP"),
      end: (postgres) => postgres.signal("SIGCONT"),
    }),
  twin: {
    lacks: "a bound of the wait for one statement",
    arrange: () =>
      arrange((variables) =>
        startChanged({
          variables,
          changes: [
            {
              file: "src/jobs/postgres/database.ts",
              text: "STATEMENT_MS = 10_000",
              by: "STATEMENT_MS = 600_000",
            },
          ],
        }),
      ),
    fails: /TimeoutError/,
  },
});
