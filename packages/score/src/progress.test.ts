import { expect, test } from "vitest";
import { progressLine } from "./progress.ts";

test("a file shows how much of it is read", () => {
  const line = progressLine({ rows: 450_000, bytes: 45, total: 100, seconds: 1.5 });
  expect(line).toBe("██████████░░░░░░░░░░░░░░  45 %  450,000 rows, 300,000 rows/s");
});

test("a pipe shows how many rows have come", () => {
  const line = progressLine({ rows: 1000, bytes: 45, total: undefined, seconds: 0 });
  expect(line).toBe("1,000 rows, 1,000,000 rows/s");
});
