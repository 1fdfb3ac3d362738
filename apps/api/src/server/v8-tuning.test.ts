import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";

const MODULE = new URL("./v8-tuning.ts", import.meta.url).href;

/** Fills the heap until V8 has collected it whole, then prints how often it marked in steps and how often it collected. */
const FILL_HEAP = `
  import { PerformanceObserver, constants } from "node:perf_hooks";
  import { setImmediate } from "node:timers/promises";
  import { disableIncrementalMarking } from ${JSON.stringify(MODULE)};
  if (process.argv[1] === "one step") disableIncrementalMarking();
  const seen = { steps: 0, whole: 0 };
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) {
      if (detail.kind === constants.NODE_PERFORMANCE_GC_INCREMENTAL) seen.steps += 1;
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) seen.whole += 1;
    }
  }).observe({ entryTypes: ["gc"] });
  const ring = Array(200_000);
  for (let turn = 0; seen.whole < 3; turn += 1) {
    for (let at = 0; at < 20_000; at += 1) ring[(turn * 20_000 + at) % ring.length] = { turn, at, text: [turn, at] };
    await setImmediate();
  }
  console.log(JSON.stringify(seen));
`;

function collections(how: "one step" | "steps"): { steps: number; whole: number } {
  // A small heap, which V8 has to collect whole.
  const args = ["--max-old-space-size=80", "--input-type=module", "--eval", FILL_HEAP, how];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", timeout: 60_000 }));
}

describe("marking", () => {
  test("is done in one step", () => {
    const { steps, whole } = collections("one step");
    expect(steps).toBe(0);
    expect(whole).toBeGreaterThan(2);
  });

  test("is done in steps by default", () => {
    expect(collections("steps").steps).toBeGreaterThan(0);
  });
});

/** Uses the queue and collects in turn, then prints what V8 knows of the stores in `process.nextTick`. */
const USE_QUEUE = `
  import { retainTickShape } from ${JSON.stringify(MODULE)};
  if (process.argv[1] === "kept") retainTickShape();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const use = async () => {
    for (let tick = 0; tick < 1000; tick++) {
      process.nextTick(() => {});
      if (tick % 100 === 0) await turn();
    }
    await turn();
  };
  for (let collection = 0; collection < 8; collection++) {
    await use();
    gc();
  }
  await use();
  const feedback = new Function("f", "return %GetFeedback(f)")(process.nextTick);
  const stores = feedback.filter(([kind]) => kind.startsWith("DefineKeyedOwn"));
  console.log(JSON.stringify(stores.map(([, state]) => state.split("\\n")[0])));
`;

function stores(how: "kept" | "forgotten"): unknown {
  const flags = [
    "--expose-gc",
    "--allow-natives-syntax",
    "--input-type=module",
    "--eval",
    USE_QUEUE,
  ];
  return JSON.parse(execFileSync(process.execPath, [...flags, how], { encoding: "utf8" }));
}

describe("the shape of nextTick's objects", () => {
  test("is known after several collections", () => {
    expect(stores("kept")).toEqual(Array(5).fill("MONOMORPHIC"));
  });

  // Fails once V8 or Node no longer needs this; `retainTickShape` can go then.
  test("is forgotten where none of them is kept", () => {
    expect(stores("forgotten")).toContain("MEGAMORPHIC");
  });
});
