import { expect, test } from "vitest";
import { irisRows, jitteredRows, mixed, seededRandom } from "./request-bodies.ts";

test("the data set has 150 flowers of four lengths", () => {
  const rows = irisRows();
  expect(rows).toHaveLength(150);
  expect(rows[0]).toEqual([5.1, 3.5, 1.4, 0.2]);
});

test("drawn rows are positive, near a flower, many and the same for a seed", () => {
  const drawn = jitteredRows(irisRows(), 1000, seededRandom(42));
  expect(drawn.flat().every((value) => value > 0 && value < 8.2)).toBe(true);
  expect(new Set(drawn.map(String)).size).toBeGreaterThan(900);
  expect(jitteredRows(irisRows(), 1000, seededRandom(42))).toEqual(drawn);
  expect(jitteredRows(irisRows(), 1000, seededRandom(43))).not.toEqual(drawn);
});

test("one body in a hundred is bad and every good one takes part", () => {
  const good = Array.from({ length: 256 }, (_, index) => `good ${index}`);
  const lines = mixed(good);
  expect(lines.filter((line) => !line.startsWith("good")).length / lines.length).toBe(0.01);
  expect(new Set(lines).size).toBe(256 + 4);
});
