import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";

const MODULE = new URL("./mark-at-once.ts", import.meta.url).href;

/** Fills the heap until V8 has collected it whole, then prints how often it marked in steps and how often it collected. */
const PROGRAM = `
  import { PerformanceObserver, constants } from "node:perf_hooks";
  import { setImmediate } from "node:timers/promises";
  import { markAtOnce } from ${JSON.stringify(MODULE)};
  if (process.argv[1] === "at once") markAtOnce();
  const seen = { steps: 0, whole: 0 };
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) {
      if (detail.kind === constants.NODE_PERFORMANCE_GC_INCREMENTAL) seen.steps += 1;
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) seen.whole += 1;
    }
  }).observe({ entryTypes: ["gc"] });
  const ring = Array(200_000);
  for (let turn = 0; turn < 1000 && seen.whole < 3; turn += 1) {
    for (let at = 0; at < 20_000; at += 1) ring[(turn * 20_000 + at) % ring.length] = { turn, at, text: [turn, at] };
    await setImmediate();
  }
  console.log(JSON.stringify(seen));
`;

function collections(how: "at once" | "in steps"): { steps: number; whole: number } {
  const args = ["--input-type=module", "--eval", PROGRAM, how];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

describe("marking", () => {
  test("is done at once", () => {
    const { steps, whole } = collections("at once");
    expect(steps).toBe(0);
    expect(whole).toBeGreaterThan(2);
  });

  test("is done in steps where nobody asks", () => {
    expect(collections("in steps").steps).toBeGreaterThan(0);
  });
});
