import { expect, test } from "vitest";
import { benchCommand } from "./bench.ts";
import type { BenchOptions } from "./bench/bench-options.ts";
import type { CompareOptions } from "./compare/compare-options.ts";

/** What a command line of `bench` starts; fails with its complaint where that is nothing. */
async function call(...args: string[]): Promise<{ peers?: BenchOptions; pair?: CompareOptions }> {
  let output = "";
  const started: Awaited<ReturnType<typeof call>> = {};
  const command = benchCommand(
    async (options) => void (started.peers = options),
    async (options) => void (started.pair = options),
  )
    .exitOverride(({ exitCode }) => {
      throw new Error(`${exitCode}: ${output}`);
    })
    .configureOutput({ writeErr: (text) => (output += text) });
  await command.parseAsync(args, { from: "user" });
  return started;
}

test("without options all peers are measured in five rounds, with --quick in two", async () => {
  const { peers, pair } = await call();
  expect(pair).toBeUndefined();
  expect(peers).toMatchObject({
    client: null,
    repeats: 5,
    seconds: 5,
    warmUpSeconds: 2,
    firstPort: 18_300,
    publish: false,
  });
  expect((await call("--quick", "--duration", "3")).peers).toMatchObject({
    repeats: 2,
    seconds: 3,
    warmUpSeconds: 1,
  });
});

test("servers and workloads are chosen by their names", async () => {
  const { peers } = await call("--only", "floor, sepal-rest", "--workloads", "single");
  expect(peers?.peers.map(({ name }) => name)).toEqual(["floor", "sepal-rest"]);
  expect(peers?.workloads.map(({ name }) => name)).toEqual(["single"]);
});

test("a commit alone compares all targets in nine pairs, pinned and together", async () => {
  const { peers, pair } = await call("--against", "HEAD~1");
  expect(peers).toBeUndefined();
  expect(pair).toMatchObject({
    against: "HEAD~1",
    pairs: 9,
    seconds: 3,
    warmUpSeconds: 2,
    publish: false,
    conditions: { log: "file", pinned: true, together: true, busyCore: false, generator: "own" },
  });
  expect(pair?.targets.map(({ name }) => name)).toEqual([
    "rest",
    "trpc",
    "trpc-batch-1",
    "trpc-batch-5",
  ]);
});

test("settings of a side compare this checkout with itself", async () => {
  const variables = ["--env-head", "LOG_LEVEL=warn", "--env-head=A=b=c"];
  const { pair } = await call(...variables, "--targets", "trpc,rest");
  expect(pair?.against).toBe(".");
  expect(pair?.variables).toEqual({ base: {}, head: { LOG_LEVEL: "warn", A: "b=c" } });
  expect(pair?.targets.map(({ name }) => name)).toEqual(["rest", "trpc"]);
});

test("the share of the floor is one of REST against node:http", async () => {
  const { pair } = await call("--floor-share");
  expect(pair?.against).toBeNull();
  expect(pair?.targets.map(({ name }) => name)).toEqual(["rest"]);
});

test.each([
  [["--against", ".", "--pairs", "0"], "argument '0' is invalid. Give a whole number from 1"],
  [["--duration", "1.5"], "--duration"],
  [["--against", ".", "--targets", "rest,soap"], 'There is no "soap"; there are: rest, trpc'],
  [["--only", "flor"], 'There is no "flor"; there are: floor, '],
  [["--against", ".", "--log", "syslog"], "Allowed choices are file, null, pipe"],
  [["--env-head", "LOG_LEVEL"], "Write NAME=value"],
  [["--floor-share", "--against", "HEAD"], "'--floor-share' cannot be used with option '--against"],
  [["--pairs", "3"], "--pairs is for two servers in one run: give --against"],
  [["--quick", "--against", "."], "--quick is for Sepal against its peers"],
  [["--warm-up", "0"], "--warm-up 0 is for two servers in one run"],
  [["--speed"], "unknown option '--speed'"],
  [["more"], "too many arguments"],
])("%j starts nothing", async (args, message) => {
  await expect(call(...args)).rejects.toThrow(message);
});
