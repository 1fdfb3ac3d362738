import { expect } from "vitest";
import { eventually, startApi, type ApiProcess } from "../test/support/api-process.ts";
import { fault, type Within } from "./frame/fault.ts";
import { othersAreServed } from "./frame/others-are-served.ts";
import { openSocket } from "./frame/raw-sockets.ts";
import { openSocketsOf } from "../test/support/process-resources.ts";
import { sized } from "../test/support/sized.ts";

/** Rows whose answer is larger than what the system takes off the server's hands. */
const ROWS = 250_000;

const ROUTE = "/predict-batch";

/** Peers that ask, and then take nothing and never close, as one that lost its network. */
const PEERS = sized(12, 2);

const variables = { REQUEST_TIMEOUT_MS: "4000", MAX_BATCH_ROWS: String(ROWS) };

async function check(api: ApiProcess, within: Within): Promise<void> {
  const before = openSocketsOf(api);
  const body = JSON.stringify({ rows: Array.from({ length: ROWS }, () => [6, 2.7, 5.1, 1.6]) });
  const head = `POST ${ROUTE} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
  const sockets = await Promise.all(
    Array.from({ length: PEERS }, async () => {
      const socket = await openSocket(api.url);
      socket.pause();
      socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
      return socket;
    }),
  );
  try {
    const computed = async () => {
      const text = await (await fetch(`${api.url}/metrics`)).text();
      return Number(/^inference_rows_total\{.*lane="worker".*\} (\d+)/m.exec(text)?.[1]);
    };
    await eventually(
      async () => (await computed()) >= PEERS * ROWS,
      "all are answered",
      within(60_000),
    );
    const logged = () => api.log.filter(({ route }) => route === ROUTE);
    await eventually(() => logged().length === PEERS, "all are cut off", within(15_000));
    expect(logged().map(({ status }) => status)).toEqual(Array(PEERS).fill(499));
    await eventually(() => openSocketsOf(api) <= before + 5, "their connections are closed");
    await othersAreServed(api);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

fault("Peers that take nothing of their answer and never close", {
  promise:
    "They are cut off when they took no byte for `REQUEST_TIMEOUT_MS`, and logged and counted with 499; others are served.",
  waits: true,
  arrange: () => startApi({ variables }),
  check,
  twin: {
    lacks: "a time in which answers have to be taken",
    arrange: () => startApi({ variables: { ...variables, REQUEST_TIMEOUT_MS: "86400000" } }),
    fails: /never: all are cut off/,
  },
});
