import { expect, test } from "vitest";
import { overloadReport } from "./overload-report.ts";
import type { OverloadPoint } from "./overload-verdicts.ts";
import { svgReport } from "../report/svg-report.ts";

function point(share: number, p99: number, megabytes: number): OverloadPoint {
  const counts = { due: 1000, answered: 900, refused: 100, waited: 0, late: 0 };
  const errors = { non2xx: 0, sockets: 0, timeouts: 0 };
  const latency = { p50: 1, p90: 2, p99, p999: 9 };
  const own = { share, offered: 100, seconds: 10, residentBytes: megabytes * 2 ** 20 };
  return { ...own, ...counts, errors, ...latency, priority: "nice 0", clientCpu: 0.5 };
}

test("an overload is drawn beside its 80 %, and judged", () => {
  const report = overloadReport({
    points: [point(0.8, 4, 100), point(2, 7, 120), point(2, 6, 121)],
    refusals: { seen: 5, malformed: 0 },
    saturation: { rate: 1000, client: "autocannon", serverCpu: 0.99, distrust: null },
    options: { duration: 20, connections: 10, port: 1 },
    pinning: { server: null, client: null, note: "not pinned" },
    command: "test",
  });
  expect(report.verdicts.map(({ verdict }) => verdict)).toEqual([
    "aim met",
    "aim met",
    "not measured",
  ]);
  const [latency] = report.charts;
  expect(latency).toMatchObject({
    series: [
      {
        points: [
          [10, 7],
          [20, 6],
        ],
      },
    ],
    marks: [{ label: "at 80 %", y: 4 }],
  });
  expect(svgReport(report)).toContain("Resident memory");
});
