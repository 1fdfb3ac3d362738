import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { latencyBounds, readScrape, requestKind, tickBetween } from "./live-tick.ts";
import { quantile } from "@sepal/schema/prometheus-text";

// Recorded from the API: 200 single predictions, one of them twice refused, batches of 1,000 and
// 5,000 rows and a list of models between the first two; then a restart and two predictions.
const text = (name: string) =>
  readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), "utf8");
const before = readScrape(text("before"), 1_000_000);
const after = readScrape(text("after"), 1_002_000);
const restarted = readScrape(text("restarted"), 1_003_000);

/** The recorded text read another way: the gain of one handler up to one bound. */
function gain(handler: string, bound: string): number {
  const line = (scrape: string) =>
    scrape
      .split("\n")
      .find((each) =>
        each.startsWith(
          `http_request_duration_seconds_bucket{le="${bound}",handler="${handler}",method="POST"} `,
        ),
      )
      ?.split(" ")
      .at(-1);
  return Number(line(text("after")) ?? 0) - Number(line(text("before")) ?? 0);
}

test("quantiles of two recorded scrapes equal those of the observations laid out one by one", () => {
  const bounds = latencyBounds(after);
  const upTo = (bound: string) =>
    gain("/predict", bound) +
    gain("/predict/:model_name", bound) +
    gain("/trpc/iris.predict", bound);
  const laidOut: number[] = [];
  let [lower, below] = [0, 0];
  for (const upper of bounds) {
    const count = upTo(String(upper)) - below;
    for (let k = 1; k <= count * 100; k += 1) {
      laidOut.push(lower + ((upper - lower) * k) / (count * 100));
    }
    [lower, below] = [upper, below + count];
  }
  expect(below).toBe(202);
  const counts = tickBetween(before, after).latency.single ?? [];
  for (const percent of [50, 95, 99]) {
    const expected = laidOut[(percent * laidOut.length) / 100 - 1] ?? NaN;
    expect(quantile(percent / 100, { bounds, counts })).toMatchObject({
      value: expect.closeTo(expected, 9),
    });
  }
});

test("counts what was sent between two recorded scrapes", () => {
  const tick = tickBetween(before, after);
  expect(tick).toMatchObject({ seconds: 2, restarted: false, at: 1_002_000 });
  expect(tick.singles).toEqual({ "iris-forest": 80, "iris-logistic": 60, "iris-mlp": 60 });
  expect(tick.rows).toEqual({ single: 200, worker: 6000 });
  expect(tick.statuses["4xx"]).toBe(2);
  expect(tick.executedRows).toBe(200);
  expect(tick.executions).toBeLessThanOrEqual(200);
  expect(tick.eventLoop?.max).toBeGreaterThan(0);
});

test("counts from 0 after a restart and never backwards", () => {
  const tick = tickBetween(after, restarted);
  expect(tick.restarted).toBe(true);
  expect(tick.singles).toEqual({ "iris-forest": 2 });
  expect(tick.latency.single?.reduce((sum, count) => sum + count, 0)).toBe(2);
});

test("tells single predictions, batches and the rest apart by their route", () => {
  for (const handler of ["/predict", "/predict/:model_name", "/v1/predict", "/trpc/iris.predict"]) {
    expect(requestKind(handler), handler).toBe("single");
  }
  for (const handler of ["/predict-batch", "/trpc/predictBatch", "/iris/predict-batch"]) {
    expect(requestKind(handler), handler).toBe("batch");
  }
  for (const handler of ["/metrics", "/models/:model_name", "/trpc/:path", "none"]) {
    expect(requestKind(handler), handler).toBe("other");
  }
});
