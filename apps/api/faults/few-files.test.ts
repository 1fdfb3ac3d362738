import { expect } from "vitest";
import { eventually, startApi, type ApiProcess } from "../test/support/api-process.ts";
import { dataFolder, endedJob, irisCsv, startJob } from "../test/support/job-helpers.ts";
import { send } from "../test/support/json-request.ts";
import { fault, type Within } from "./frame/fault.ts";
import { othersAreServed } from "./frame/others-are-served.ts";
import { openSockets } from "./frame/raw-sockets.ts";
import { owned } from "./frame/owned.ts";
import { sized } from "../test/support/sized.ts";
import { startChanged } from "./frame/start-changed.ts";

const ROWS = 20_000;

const FILES = 256;
const CONNECTIONS = sized(4000, 400);

/** Longest wait for a response, or for the end of the job, in milliseconds. */
const PATIENCE_MS = 60_000;

/** Jobs have a folder of their own, which the server makes. */
interface Subject extends AsyncDisposable {
  readonly api: ApiProcess;
}

function arrange(
  start: (variables: Record<string, string>) => Promise<ApiProcess>,
): Promise<Subject> {
  return owned(async (parts) => {
    const { path } = parts.use(await dataFolder());
    return { api: parts.use(await start({ DATA_DIR: path })) };
  });
}

async function check({ api }: Subject, within: Within): Promise<void> {
  const { url } = api;
  const sockets = await openSockets(url, CONNECTIONS, () => "");
  for (const socket of sockets) socket.resume();
  const open = () => sockets.filter((socket) => socket.writable && !socket.destroyed);
  try {
    await eventually(() => open().length < CONNECTIONS, "what is too many is closed");
    // Places become free; what a request needs beside its connection is still there.
    for (const socket of open().slice(0, 8)) socket.destroy();
    const served = async () => {
      const headers = { connection: "close" };
      const reply = await fetch(`${url}/health/live`, { headers }).catch(() => undefined);
      return reply?.ok === true;
    };
    await eventually(
      // Several at once: on a busy machine the places become free one by one.
      async () => (await Promise.all(Array.from({ length: 6 }, served))).every(Boolean),
      "there is room",
      within(PATIENCE_MS),
    );
    await othersAreServed(api, 5);
    const csv = irisCsv(ROWS);
    const headers = { "content-type": "text/csv" };
    const inTime = () => ({ method: "POST", signal: AbortSignal.timeout(within(PATIENCE_MS)) });
    const file = await send(`${url}/predict-file`, { ...inTime(), headers, body: csv });
    expect([file.status, file.text.split("\n").length]).toEqual([200, ROWS + 2]);
    const rows = { rows: Array.from({ length: 5000 }, () => [5.1, 3.5, 1.4, 0.2]) };
    const batch = await send(`${url}/predict-batch`, {
      ...inTime(),
      headers: { "content-type": "application/json" },
      body: JSON.stringify(rows),
    });
    expect(batch.status).toBe(200);
    const job = await endedJob(url, await startJob(url, csv), within(PATIENCE_MS));
    expect(job).toMatchObject({ status: "succeeded", rows_done: ROWS });
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  await othersAreServed(api);
  const said = "connections are refused: too many are open";
  await eventually(() => api.log.some(({ msg }) => msg === said), "it says so");
  expect(api.log.filter(({ level }) => level === "error")).toEqual([]);
}

fault("More connections than the process may open files", {
  promise:
    "What is too many is closed and the log says so; predictions, batches, files and jobs go on, and there is room again when connections end.",
  arrange: () => arrange((variables) => startApi({ variables, openFiles: FILES })),
  check,
  twin: {
    lacks: "files that are kept for more than connections",
    arrange: () =>
      arrange((variables) =>
        startChanged({
          variables,
          openFiles: FILES,
          changes: [{ file: "src/http/connections.ts", text: "{ maxConnections: limit,", by: "{" }],
        }),
      ),
    fails: /\(EMFILE\)|expected \[ 503,|never: there is room|never: job .* ends|TimeoutError/,
  },
});
