import { expect, test } from "vitest";
import { parseServerTiming } from "./server-timing.ts";

test("reads the durations of its parts, in any order and with descriptions", () => {
  expect(
    parseServerTiming('total;dur=1.5, queue;desc="waiting";dur=0.2,compute;dur="0.9"'),
  ).toEqual({
    queue: 0.2,
    compute: 0.9,
    total: 1.5,
  });
});

test("parts without a duration, and others, are left out", () => {
  expect(parseServerTiming("cache;desc=hit, queue, total;dur=x")).toEqual({
    queue: null,
    compute: null,
    total: null,
  });
});

test("a response without the header has no parts at all", () => {
  expect(parseServerTiming(null)).toBeNull();
});
