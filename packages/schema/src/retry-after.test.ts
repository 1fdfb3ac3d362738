import { expect, test } from "vitest";
import { retryAfterSeconds } from "./retry-after.ts";

const NOW = Date.parse("2026-05-01T12:00:00Z");

test.each([
  [null, null],
  ["", null],
  ["soon", null],
  ["7", 7],
  ["0", 0],
  ["-1", 0],
  ["Fri, 01 May 2026 12:00:09 GMT", 9],
  ["Fri, 01 May 2026 11:00:00 GMT", 0],
])("Retry-After %j is %j seconds", (header, seconds) => {
  expect(retryAfterSeconds(header, NOW)).toBe(seconds);
});
