import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { ROOT } from "../settings.ts";
import { readCompareOptions, wantsComparison } from "./compare-options.ts";

test("a commit alone compares all targets in nine pairs, pinned and together", () => {
  const options = readCompareOptions(["--against", "HEAD~1"]);
  expect(options).toMatchObject({
    against: "HEAD~1",
    pairs: 9,
    publish: false,
    conditions: { log: "file", pinned: true, together: true, busyCore: false, generator: "own" },
  });
  expect(options.targets.map(({ name }) => name)).toEqual([
    "rest",
    "trpc",
    "trpc-batch-1",
    "trpc-batch-5",
  ]);
});

test("settings of a side compare this checkout with itself", () => {
  const args = ["--env-head", "LOG_LEVEL=warn", "--env-head=A=b=c", "--targets", "trpc,rest"];
  expect(wantsComparison(args)).toBe(true);
  const { against, variables, targets } = readCompareOptions(args);
  expect(against).toBe(".");
  expect(variables).toEqual({ base: {}, head: { LOG_LEVEL: "warn", A: "b=c" } });
  expect(targets.map(({ name }) => name)).toEqual(["rest", "trpc"]);
});

test("the share of the floor is one of REST against node:http", () => {
  const options = readCompareOptions(["--floor-share"]);
  expect(options.against).toBeNull();
  expect(options.targets.map(({ name }) => name)).toEqual(["rest"]);
});

test("the bench of the peers is no comparison", () => {
  expect(wantsComparison(["--quick", "--only", "floor"])).toBe(false);
});

test.each([
  [["--pairs", "0"], '--pairs: "0" is not allowed'],
  [["--duration", "1.5"], "--duration"],
  [["--targets", "rest,soap"], '--targets: there is no "soap"; give rest or trpc'],
  [["--log", "syslog"], "give file or null or pipe"],
  [["--env-head", "LOG_LEVEL"], "write NAME=value"],
  [["--floor-share", "--against", "HEAD"], "leave out --against"],
  [["--speed"], "--speed"],
])("%j is rejected", (args, message) => {
  expect(() => readCompareOptions(args)).toThrow(message);
});

test("--help says how to call the command and starts nothing", () => {
  const bench = `${ROOT}loadtest/src/bench/bench.ts`;
  const args = [bench, "--against", "HEAD", "--help"];
  const help = execFileSync(process.execPath, args, { encoding: "utf8", timeout: 60_000 });
  for (const part of ["--quick", "--against <commit>", "--floor-share", "trpc-batch-5"]) {
    expect(help).toContain(part);
  }
  expect(help).not.toContain("checking out");
}, 60_000);
