import type { Socket } from "node:net";
import { expect } from "vitest";
import { eventually, startApi, type ApiProcess } from "../test/support/api-process.ts";
import { fault, type Within } from "./frame/fault.ts";
import { openSocketsOf, tooFewFiles } from "../test/support/process-resources.ts";
import { othersAreServed } from "./frame/others-are-served.ts";
import { openSocket } from "./frame/raw-sockets.ts";
import { sized } from "../test/support/sized.ts";

const ROUTE = "/predict-batch";

const GET = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** Takes longer to answer than its sender's end of sending takes to arrive. */
const BATCH = JSON.stringify({ rows: Array.from({ length: 5000 }, () => [6, 2.7, 5.1, 1.6]) });

const POST = `POST ${ROUTE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${BATCH.length}\r\n\r\n${BATCH}`;

/** What a peer sends before it is gone, and whether it still says that it sends no more. */
const WAYS = [
  { sent: "", ends: false },
  { sent: GET, ends: false },
  { sent: "", ends: true },
  { sent: GET, ends: true },
] as const;

const CONNECTIONS = sized(4000, 200);

const HALF_CLOSED_BATCHES = sized(20, 4);

const variables = {
  REQUEST_TIMEOUT_MS: "3000",
  KEEP_ALIVE_TIMEOUT_MS: "3000",
};

/** Opens a connection that stays open on this side, whatever the server does. */
async function openHalf(api: ApiProcess, sent: string, ends: boolean): Promise<Socket> {
  const socket = await openSocket(api.url, { allowHalfOpen: true });
  socket.resume();
  if (sent !== "") socket.write(sent);
  if (ends) socket.end();
  return socket;
}

async function check(api: ApiProcess, within: Within): Promise<void> {
  await othersAreServed(api);
  const before = openSocketsOf(api);
  const sockets: Socket[] = [];
  try {
    for (let index = 0; index < CONNECTIONS; index += 1) {
      const { sent, ends } = WAYS[index % WAYS.length] ?? WAYS[0];
      sockets.push(await openHalf(api, sent, ends));
    }
    for (let index = 0; index < HALF_CLOSED_BATCHES; index += 1) {
      sockets.push(await openHalf(api, POST, true));
    }
    await othersAreServed(api);
    const logged = () => api.log.filter(({ route }) => route === ROUTE);
    await eventually(() => logged().length === HALF_CLOSED_BATCHES, "all batches are logged");
    expect(new Set(logged().map(({ status }) => status))).toEqual(new Set([499]));
    await eventually(
      () => openSocketsOf(api) <= before + 5,
      "their connections are closed",
      within(15_000),
    );
    await othersAreServed(api);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

fault("Half-open sockets: peers that are gone, and peers that have ended their half", {
  promise:
    "Their connections are closed by `KEEP_ALIVE_TIMEOUT_MS` between requests and by `REQUEST_TIMEOUT_MS` before one; who ends its half before the answer counts as gone, with 499; others are served.",
  cannot: tooFewFiles(CONNECTIONS + 2000),
  waits: true,
  arrange: () => startApi({ variables }),
  check,
  twin: {
    lacks: "a time after which quiet connections end",
    arrange: () => startApi({ variables: { ...variables, KEEP_ALIVE_TIMEOUT_MS: "86400000" } }),
    fails: /never: their connections are closed/,
  },
});
