import { expect, test } from "vitest";
import { CPU, intervalCell, ratioOf, reading } from "./compare-report.ts";
import type { RunSample } from "./measure-pairs.ts";

function run(peer: "base" | "head", round: number, serverCpuMicros: number): RunSample {
  return {
    peer,
    workload: "rest",
    client: "own",
    round,
    position: 1,
    requests: 1000,
    requestsPerSecond: 1000,
    p50: 1,
    p90: 1,
    p95: 1,
    p99: 1,
    p999: 1,
    errors: { non2xx: 0, sockets: 0, timeouts: 0 },
    serverCpuMicros,
    serverCpu: 1,
    serverWaited: 0,
    residentMb: 100,
    clientCpu: 0.5,
  };
}

/** Pairs on a machine that gets slower with each. */
const pairs = (ratio: (round: number) => number, count = 9) =>
  Array.from({ length: count }, (_, index) => index + 1).flatMap((round) => [
    run("base", round, 10 * round),
    run("head", round, 10 * round * ratio(round)),
  ]);

test("a change shows through a machine that drifts", () => {
  const ratio = ratioOf(
    pairs(() => 0.8),
    "rest",
    CPU,
  );
  expect(ratio?.median).toBeCloseTo(0.8);
  expect(reading(ratio)).toBe("lower");
  expect(
    reading(
      ratioOf(
        pairs(() => 1.1),
        "rest",
        CPU,
      ),
    ),
  ).toBe("higher");
});

test("noise on both sides of 1 is no difference", () => {
  const ratio = ratioOf(
    pairs((round) => 1 + (round - 5) / 100),
    "rest",
    CPU,
  );
  expect(reading(ratio)).toBe("no difference shown");
  expect(intervalCell(ratio, 100)).toEqual({
    median: expect.closeTo(100),
    min: expect.closeTo(97),
    max: expect.closeTo(103),
  });
});

test("two pairs give a ratio without an interval", () => {
  const ratio = ratioOf(
    pairs(() => 0.5, 2),
    "rest",
    CPU,
  );
  expect(intervalCell(ratio)).toBeCloseTo(0.5);
  expect(reading(ratio)).toBe("too few pairs");
  expect(reading(ratioOf([], "rest", CPU))).toBe("not measured");
});
