import { expect } from "vitest";
import { eventually, startApi, type ApiProcess } from "../test/support/api-process.ts";
import { fault, type Within } from "./frame/fault.ts";
import { othersAreServed } from "./frame/others-are-served.ts";
import { openSockets } from "./frame/raw-sockets.ts";
import { openSocketsOf, resident, tooFewFiles } from "../test/support/process-resources.ts";
import { sized } from "../test/support/sized.ts";

const HEAD =
  "POST /predict-batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

/** How a slow client begins: nothing, half a head, half a body, half a chunk. */
const BEGINNINGS = [
  "",
  HEAD,
  `${HEAD}Content-Length: 10000\r\n\r\n{"rows":`,
  `${HEAD}Transfer-Encoding: chunked\r\n\r\n8\r\n{"rows":\r\n`,
];

/** Memory that a connection may take, in MiB. */
const MEMORY_EACH = 0.04;

const CONNECTIONS = sized(10_000, 500);

/** When all have to be cut off, in milliseconds after they were opened: Node looks four times in that time. */
const CUT_OFF_MS = sized(90_000, 8000);

const variables = {
  REQUEST_TIMEOUT_MS: String(sized(40_000, 3000)),
  // Else others have no room, which is another promise.
  MAX_CONNECTIONS: String(CONNECTIONS + 1000),
  // Else most bodies without a length are refused at once: each counts as the largest.
  MAX_BODIES_BYTES: String(2 ** 40),
};

/** One in ten begins with half a head or none, for which Node gives 20 s: opening all may take longer. */
function beginning(index: number): string {
  return BEGINNINGS[index % 20 < 2 ? index % 2 : 2 + (index % 2)] ?? "";
}

async function check(api: ApiProcess, within: Within): Promise<void> {
  await othersAreServed(api);
  const [memory, before] = [resident(api), openSocketsOf(api)];
  const sockets = await openSockets(api.url, CONNECTIONS, beginning);
  // A byte of a head or of a body, on one in ten, for each of them costs the test more than the server.
  const drip = setInterval(() => {
    for (let index = 1; index < sockets.length; index += 10) {
      const socket = sockets[index];
      if (socket?.writable === true) socket.write(index % 20 === 1 ? "x: y\r\n" : " ");
    }
  }, 200);
  try {
    for (const socket of sockets) socket.resume();
    const open = () => openSocketsOf(api) - before;
    await eventually(() => open() > CONNECTIONS * 0.85, "all are open", within(CUT_OFF_MS));
    await othersAreServed(api);
    expect(resident(api) - memory, "MiB more").toBeLessThan(100 + CONNECTIONS * MEMORY_EACH);
    await eventually(() => open() < 20, "the slow ones are cut off", within(CUT_OFF_MS));
    await othersAreServed(api);
  } finally {
    clearInterval(drip);
    for (const socket of sockets) socket.destroy();
  }
}

fault("Very many slow connections", {
  promise:
    "Others are served meanwhile; who does not get a request across within `REQUEST_TIMEOUT_MS` is cut off; a connection takes less than 40 KiB.",
  cannot: tooFewFiles(CONNECTIONS + 2000),
  waits: true,
  arrange: () => startApi({ variables }),
  check,
  twin: {
    lacks: "a time in which requests have to arrive",
    arrange: () => startApi({ variables: { ...variables, REQUEST_TIMEOUT_MS: "86400000" } }),
    fails: /never: the slow ones are cut off/,
  },
});
