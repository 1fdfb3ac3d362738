import { expect, test } from "vitest";
import { throughputRatio, workersVerdict, type WorkersRun } from "./workers.ts";

const run: WorkersRun = {
  round: 1,
  workers: 1,
  processes: 1,
  client: "wrk",
  requests: 1000,
  requestsPerSecond: 1000,
  p50: 1,
  p90: 1,
  p95: 1,
  p99: 1,
  p999: null,
  errors: { non2xx: 0, sockets: 0, timeouts: 0 },
  serverCpuMicros: 20,
  serverCpu: 1,
  residentMb: 100,
  clientCpu: 0.5,
};

const two: WorkersRun = {
  ...run,
  workers: 2,
  requestsPerSecond: 1500,
  serverCpuMicros: 21,
  serverCpu: 1.5,
};

test("where the client shares the cores, CPU a request decides, not throughput", () => {
  expect(workersVerdict([run, two], false)).toMatchObject({ verdict: "met", measured: "1.90x" });
  expect(workersVerdict([run, { ...two, serverCpuMicros: 23 }], false).verdict).toBe("missed");
  expect(throughputRatio([run, two])?.median).toBe(1.5);
});

test("where the client has a core of its own, throughput decides", () => {
  const full = { ...two, serverCpu: 2 };
  expect(workersVerdict([run, full], true)).toMatchObject({ verdict: "missed", measured: "1.50x" });
  const slow = { ...full, clientCpu: 0.95 };
  expect(workersVerdict([run, slow], true).reason).toContain("the client used up its core");
});

test("of several numbers of processes the most is compared with one", () => {
  const four = { ...two, workers: 4, serverCpu: 4, requestsPerSecond: 3700 };
  const { figure, asked, measured } = workersVerdict([run, { ...two, serverCpu: 2 }, four], true);
  expect([figure, asked, measured]).toEqual(["4 processes against one", ">= 3.60x", "3.70x"]);
});

test("cores that went to others, and failed requests, forbid a verdict", () => {
  expect(workersVerdict([run, { ...two, serverCpu: 1.2 }], false).reason).toContain("busy");
  expect(workersVerdict([{ ...run, serverCpu: 0.7 }, two], false).verdict).toBe("not measured");
  const failing = { ...two, errors: { ...two.errors, non2xx: 1 } };
  expect(workersVerdict([run, failing], false).reason).toBe("1 requests failed");
});
