import { expect, test } from "vitest";
import { svgReport } from "../report/svg.ts";
import { overload, overloadVerdicts, type OverloadPoint } from "./overload.ts";

const MIB = 2 ** 20;

const below: OverloadPoint = {
  share: 0.8,
  offered: 100,
  seconds: 10,
  residentBytes: 300 * MIB,
  due: 1000,
  answered: 900,
  refused: 100,
  waited: 0,
  late: 3,
  errors: { non2xx: 0, sockets: 0, timeouts: 0 },
  p50: 1,
  p90: 2,
  p99: 4,
  p999: 9,
  priority: "nice 0",
  clientCpu: 0.5,
};

/** Verdicts of 80 % and ten minutes of windows, each as `change` says. */
function verdicts(
  change: (window: number) => Partial<OverloadPoint> = () => ({}),
  windows = 60,
  base = below,
) {
  const beyond = Array.from({ length: windows }, (_, window) => ({
    ...below,
    share: 2,
    ...change(window),
  }));
  const refusals = { seen: 5, malformed: 0 };
  return overloadVerdicts({ points: [base, ...beyond], refusals, distrust: null });
}

const words = (given: ReturnType<typeof verdicts>) => given.map(({ verdict }) => verdict);

test("ten minutes that stay as they are meet every aim", () => {
  expect(words(verdicts())).toEqual(["aim met", "aim met", "aim met"]);
});

test("a response three times as slow is missed, and so is one request without a response", () => {
  expect(words(verdicts(() => ({ p99: 13 })))[0]).toBe("missed");
  const lost = { non2xx: 0, sockets: 1, timeouts: 0 };
  expect(words(verdicts((window) => (window === 9 ? { errors: lost } : {})))[1]).toBe("missed");
});

test("late windows are left out of the p99, and the verdict says how many and what they would change", () => {
  const [slow] = verdicts((window) => (window < 6 ? { late: 18, p99: 40 } : { p99: 6 }));
  expect(slow).toMatchObject({ verdict: "aim met", measured: "1.50 times" });
  expect(slow?.reason).toContain(
    "0.4 % of all sent late; 6 of 60 windows left out, sent late for up to 1.8 %, with them 1.50 times (to 10.00 times)",
  );
  expect(words(verdicts((window) => (window < 6 ? { late: 18, p99: 4 } : { p99: 13 })))[0]).toBe(
    "missed",
  );
});

test("no verdict on the p99 where too many windows, the whole, or the 80 % was late", () => {
  expect(verdicts((window) => (window < 7 ? { late: 18 } : {}))[0]).toMatchObject({
    verdict: "not measured",
    reason: "the generator itself was late in 7 of 60 windows",
  });
  expect(verdicts((window) => (window < 6 ? { late: 80 } : {}))[0]).toMatchObject({
    verdict: "not measured",
    reason: "the generator itself was late for 1.1 % of all requests",
  });
  expect(verdicts(() => ({}), 60, { ...below, late: 11 })[0]).toMatchObject({
    verdict: "not measured",
    reason: "the generator itself was late for 1.1 % at 80 %",
  });
});

test("memory that grows past the warm-up is missed, one that has warmed up and comes and goes is not", () => {
  const growing = verdicts((window) => ({ residentBytes: (300 + window * 0.3) * MIB }))[2];
  expect(growing).toMatchObject({ asked: "<= +5.0 %", measured: "+5.8 %", verdict: "missed" });
  const warmed = verdicts((window) => ({
    residentBytes: (window < 9 ? 200 + window * 10 : 300 + ((window * 37) % 50)) * MIB,
  }))[2];
  expect(warmed?.verdict).toMatch(/met/);
  expect(warmed?.reason).toMatch(/40 samples after 200 of 600 s; 300.0 to 349.0 MiB/);
});

test("a short overload proves nothing about memory", () => {
  expect(verdicts(() => ({}), 6)[2]).toMatchObject({
    verdict: "not measured",
    reason: "only 60 s of 600",
  });
  expect(words(verdicts(() => ({}), 0))[0]).toBe("not measured");
});

test("an overload is drawn beside its 80 %, and judged", () => {
  const point = (share: number, p99: number) => ({ ...below, share, p99 });
  const report = overload.report(
    {
      runs: [point(0.8, 4), point(2, 7), point(2, 6)],
      refusals: { seen: 5, malformed: 0 },
      saturation: { rate: 1000, client: "autocannon", serverCpu: 0.99, distrust: null },
      placement: "not pinned",
      generators: [],
    },
    { duration: 20, connections: 10, port: 1 },
    "test",
  );
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
