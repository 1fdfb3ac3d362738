import { expect, test } from "vitest";
import { parsePrometheus } from "@sepal/schema/prometheus-text";
import { quantileBetween, sumOf } from "./server-metrics.ts";

const parseMetrics = (text: string) => parsePrometheus(text).samples;

function scrape(fast: number, slow: number, huge: number): string {
  return `# HELP d Time
# TYPE d histogram
d_bucket{le="0.001",handler="/predict"} ${fast}
d_bucket{le="0.005",handler="/predict"} ${fast + slow}
d_bucket{le="+Inf",handler="/predict"} ${fast + slow + huge}
d_bucket{le="0.001",handler="/metrics"} 1000
d_count{handler="/predict"} ${fast + slow + huge}
asked_total{handler="/predict",status="2xx"} 7
asked_total{handler="/predict",status="4xx"} 2
text{a="x\\"},{=y"} 1e3
`;
}

const histogram = { name: "d", labels: { handler: "/predict" } };

test("series are summed over the labels that are not asked for", () => {
  const samples = parseMetrics(scrape(1, 1, 0));
  expect(sumOf(samples, "asked_total", { handler: "/predict" })).toBe(9);
  expect(sumOf(samples, "asked_total", { status: "4xx" })).toBe(2);
  expect(sumOf(samples, "text")).toBe(1000);
  expect(sumOf(samples, "asked")).toBe(0);
});

test("a quantile counts only what came between two scrapes, interpolated in its bucket", () => {
  const before = parseMetrics(scrape(900, 0, 0));
  const after = parseMetrics(scrape(950, 50, 0));
  expect(quantileBetween(before, after, histogram, 0.75)).toEqual({
    kind: "within",
    value: expect.closeTo(0.003, 9),
    lower: 0.001,
    upper: 0.005,
  });
  expect(quantileBetween(before, after, histogram, 0.25)).toMatchObject({
    value: expect.closeTo(0.0005, 9),
  });
});

test("past the last bound a quantile is at least that bound, and of nothing it is nothing", () => {
  const before = parseMetrics(scrape(0, 0, 0));
  const after = parseMetrics(scrape(10, 0, 90));
  expect(quantileBetween(before, after, histogram, 0.99)).toEqual({
    kind: "at_least",
    lower: 0.005,
  });
  expect(quantileBetween(after, after, histogram, 0.99)).toBe(null);
});
