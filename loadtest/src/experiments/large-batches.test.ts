import { expect, test } from "vitest";
import { coresVerdicts, type CoresRun } from "./large-batches.ts";

const run = (cores: 1 | 2, rowsPerSecond: number, non2xx = 0): CoresRun => ({
  client: "wrk",
  round: 1,
  cores,
  rowsPerSecond,
  requests: 100,
  requestsPerSecond: rowsPerSecond / 10_000,
  errors: { non2xx, sockets: 0, timeouts: 0 },
  p50: 50,
  p90: 60,
  p95: 65,
  p99: 70,
  p999: null,
  serverCpuMicros: 10_000,
  serverCpu: cores,
  residentMb: 300,
  clientCpu: 0.02,
});

test("compares each number of cores with its own target", () => {
  const runs = [run(1, 450_000), run(2, 500_000)];
  expect(coresVerdicts(runs, 10_000)).toMatchObject([{ verdict: "met" }, { verdict: "missed" }]);
});

test("judges nothing where requests failed or batches were smaller than asked", () => {
  const [failed] = coresVerdicts([run(1, 650_000, 3)], 10_000);
  expect(failed).toMatchObject({ verdict: "not measured", reason: "3 requests failed" });
  const [small] = coresVerdicts([run(1, 650_000)], 1000);
  expect(small).toMatchObject({ verdict: "not measured", reason: "only 1000 rows a batch" });
});
