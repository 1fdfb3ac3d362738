import { expect, test } from "vitest";
import { timeParts } from "./time-split.ts";

const server = { queue: 0.1, compute: 0.5, total: 1 };
const sum = (parts: ReturnType<typeof timeParts>) => parts.reduce((all, { ms }) => all + ms, 0);

test("the parts are the browser's and the server's own figures and sum to the whole", () => {
  const request = { start: 100, sent: 103, firstByte: 111, lastByte: 112 };
  const parts = timeParts({ total: 20, server, request, processingMs: 9 });
  const byName = Object.fromEntries(parts.map(({ name, ms }) => [name, ms]));
  expect(byName).toEqual({
    browser: 12,
    proxy: 7,
    queue: 0.1,
    inference: 0.5,
    "rest of the server": expect.closeTo(0.4),
  });
  expect(sum(parts)).toBeCloseTo(20);
});

test("without the browser's account the way and the page are one part", () => {
  const parts = timeParts({ total: 20, server: null, request: null, processingMs: 3 });
  expect(parts).toEqual([
    { name: "browser and proxy", ms: 17 },
    { name: "rest of the server", ms: 3 },
  ]);
});

test("no part is negative where clocks differ", () => {
  const request = { start: 100, sent: 101, firstByte: 101.5, lastByte: 102 };
  const parts = timeParts({ total: 3, server, request, processingMs: 1 });
  expect(Math.min(...parts.map(({ ms }) => ms))).toBe(0);
  expect(sum(parts)).toBeCloseTo(3);
});
