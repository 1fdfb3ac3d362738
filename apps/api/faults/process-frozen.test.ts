import { expect } from "vitest";
import { eventually, startApi } from "../test/support/api-process.ts";
import { childrenOf } from "../test/support/process-tree.ts";
import { allServe, listened } from "./frame/all-serve.ts";
import { fault } from "./frame/fault.ts";
import { sized } from "../test/support/sized.ts";
import { startChanged } from "./frame/start-changed.ts";
import { underLoad } from "./frame/under-load.ts";

const CLIENTS = 4;
const TIMEOUT_MS = sized(30_000, 3000);
const variables = { WORKERS: "2", WORKER_TIMEOUT_MS: String(TIMEOUT_MS) };

/** One that is stopped does not see that its parent has gone. */
function endFrozen(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // The primary has done it.
  }
}

fault("A server process freezes", {
  promise:
    "Only requests inside it wait, the others are answered, and after `WORKER_TIMEOUT_MS` it is killed and another takes its place.",
  waits: true,
  arrange: () => startApi({ variables }),
  async check(api, within) {
    await allServe(api, 2);
    using load = underLoad(api.url, CLIENTS);
    await eventually(() => load.answered > 50, "the clients are answered");
    const frozen = childrenOf(api.child.pid ?? 0)[0] ?? 0;
    process.kill(frozen, "SIGSTOP");
    using _thaw = { [Symbol.dispose]: () => endFrozen(frozen) };
    const replaced = () => listened(api) === 3;
    await eventually(replaced, "another takes its place", within(TIMEOUT_MS + 7000));
    const before = load.answered;
    await eventually(() => load.answered > before + 50, "the clients go on");
    const { refused, lost } = await load.stop();
    expect(refused, "answers other than 200").toEqual([]);
    // One of each client, and the connection that is handed to it last.
    expect(lost, "requests without an answer").toBeLessThanOrEqual(CLIENTS + 1);
  },
  twin: {
    lacks: "a primary that waits for a silent process for ever",
    arrange: () =>
      startChanged({
        variables,
        changes: [{ file: "cluster/watchdog.ts", text: "looks + 1", by: "0" }],
      }),
    fails: /never: another takes its place/,
  },
});
