import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadReport } from "./load-report.ts";
import { responsesAfter, opponents, roundsOf, SEPAL } from "./race.ts";

const file = new URL("../../../../loadtest/reports/bench.json", import.meta.url);
const { samples } = loadReport.parse(JSON.parse(readFileSync(file, "utf8")));

test("the race is the bench's own record: three rounds of Sepal and of each Python server", () => {
  expect(roundsOf(samples, SEPAL)).toHaveLength(3);
  expect(opponents(samples).map(({ value }) => value)).toEqual(
    expect.arrayContaining(["fastapi-sklearn", "fastapi-onnx", "mlserver", "litserve", "bentoml"]),
  );
  for (const { bands } of roundsOf(samples, "fastapi-sklearn")) {
    expect(bands.every(({ from, to }) => from < to)).toBe(true);
    expect(bands.reduce((sum, { share }) => sum + share, 0)).toBeGreaterThan(0.98);
  }
});

test("responses add up over the rounds, each at its own rate", () => {
  const round = (requestsPerSecond: number) => ({ requestsPerSecond, bands: [] });
  const rounds = [round(100), round(200)];
  expect([0, 2, 5, 60].map((seconds) => responsesAfter(rounds, seconds))).toEqual([
    0, 200, 600, 1200,
  ]);
});
