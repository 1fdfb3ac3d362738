import { once } from "node:events";
import { expect } from "vitest";
import { eventually, startApi, type ApiProcess } from "../test/support/api-process.ts";
import { fault, type Within } from "./frame/fault.ts";
import { openSocket } from "./frame/raw-sockets.ts";
import { startChanged } from "./frame/start-changed.ts";

/** A request whose body the server waits for, and says so. */
const BEGUN =
  "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 30\r\nExpect: 100-continue\r\n\r\n";

/** Longest time until the process is gone, in milliseconds. */
const AT_ONCE_MS = 2000;

async function check(api: ApiProcess, within: Within): Promise<void> {
  const socket = await openSocket(api.url);
  socket.write(BEGUN);
  await once(socket, "data");
  api.child.kill("SIGTERM");
  await eventually(() => api.log.some(({ msg }) => msg === "draining"), "it drains");
  expect(api.child.exitCode).toBeNull();
  api.child.kill("SIGTERM");
  await eventually(() => api.child.exitCode !== null, "it is gone", within(AT_ONCE_MS));
  expect(await api.ended()).toBe(1);
  socket.destroy();
}

fault("A second SIGTERM while a request is in flight", {
  promise: "The process ends at once, and not with 0.",
  arrange: () => startApi(),
  check,
  twin: {
    lacks: "an ear for the second signal",
    arrange: () =>
      startChanged({
        changes: [
          {
            file: "src/server/shutdown.ts",
            text: "if (lifecycle.draining) return cutOff();",
            by: "if (lifecycle.draining) return;",
          },
        ],
      }),
    fails: /never: it is gone/,
  },
});
