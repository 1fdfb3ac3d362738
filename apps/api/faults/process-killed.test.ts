import { expect } from "vitest";
import { eventually, startApi } from "../test/support/api-process.ts";
import { childrenOf } from "../test/support/process-tree.ts";
import { allServe, listened } from "./frame/all-serve.ts";
import { fault } from "./frame/fault.ts";
import { sized } from "../test/support/sized.ts";
import { startTwin } from "./frame/start-twin.ts";
import { underLoad } from "./frame/under-load.ts";

const CLIENTS = 4;
const KILLS = sized(10, 2);
const variables = { WORKERS: "2" };

fault("A server process is killed under load", {
  promise:
    "Only requests inside the killed process are lost, and another process takes its place within 5 s.",
  arrange: () => startApi({ variables }),
  async check(api, within) {
    await allServe(api, 2);
    using load = underLoad(api.url, CLIENTS);
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const before = load.answered;
      await eventually(() => load.answered > before + 50, "the clients are answered");
      process.kill(childrenOf(api.child.pid ?? 0)[0] ?? 0, "SIGKILL");
      await eventually(() => listened(api) === 2 + kill, "another takes its place", within(5000));
    }
    const { refused, lost } = await load.stop();
    expect(refused, "answers other than 200").toEqual([]);
    // Each client can have had one request in the process that died.
    expect(lost, "requests without an answer").toBeLessThanOrEqual(CLIENTS * KILLS);
  },
  twin: {
    lacks: "a primary whose new processes die at once",
    arrange: () => startTwin("no-replacement.ts", { variables }),
    fails: /never: another takes its place/,
  },
});
