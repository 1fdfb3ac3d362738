import { expect, test } from "vitest";
import { serverTiming } from "./telemetry.ts";

const served = { model: "m", version: "1", rows: 1 };

test.each([
  [0, 0.0004, 1, "queue;dur=0.000, compute;dur=0.000, total;dur=1.000"],
  [0.0456, 0.0214, 0.2, "queue;dur=0.046, compute;dur=0.021, total;dur=0.200"],
  [1.9996, 12.345678, 1034.5, "queue;dur=2.000, compute;dur=12.346, total;dur=1034.500"],
  // A clock that two threads read may differ by a microsecond.
  [-0.001, 1, 1, "queue;dur=0.000, compute;dur=1.000, total;dur=1.000"],
])("a wait of %d, a run of %d and %d in all are %s", (queueMs, computeMs, totalMs, header) => {
  const all = { ...served, queueMs, computeMs, totalMs };
  expect(serverTiming({ served: all, arrived: 0 })).toBe(header);
});

test("work that still runs counts until now", () => {
  const all = { ...served, queueMs: 0, computeMs: 0 };
  const timing = serverTiming({ served: all, arrived: performance.now() - 1000 });
  expect(Number(timing?.split("total;dur=")[1])).toBeGreaterThanOrEqual(1000);
});

test("nothing is said where nothing was computed", () => {
  expect(serverTiming({ served: undefined, arrived: 0 })).toBeUndefined();
  expect(serverTiming({ served, arrived: 0 })).toBeUndefined();
});
