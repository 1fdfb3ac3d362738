import { iris } from "@sepal/schema/contracts/iris";
import type { ServedModel } from "@sepal/model/served-model";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { PredictionCache } from "./prediction-cache.ts";

const ROW: readonly number[] = iris.examples[0].features;
const PREDICTION = { class: 0, label: "setosa", proba: [1, 0, 0], confidence: 1 };

/** The cache looks at nothing of a model but which one it is. */
const model = (): ServedModel => Object.create(null);

function cacheOf(size: number) {
  const register = new Registry();
  return { cache: new PredictionCache({ size, register }), register };
}

test("keys predictions by exact float32 features and model instance", () => {
  const { cache } = cacheOf(10);
  const [one, two] = [model(), model()];
  cache.keep(cache.key(one, ROW), PREDICTION);
  expect(cache.find(cache.key(one, [...ROW]))).toBe(PREDICTION);
  expect(cache.find(cache.key(one, ROW.with(0, Math.fround(ROW[0] ?? 0))))).toBe(PREDICTION);
  const next = Math.fround((ROW[0] ?? 0) + 2 ** -21);
  expect(next).not.toBe(Math.fround(ROW[0] ?? 0));
  for (const other of [ROW.with(0, next), ROW.slice(0, 3), [...ROW, 0], ROW.toReversed()]) {
    expect(cache.find(cache.key(one, other))).toBeUndefined();
  }
  expect(cache.find(cache.key(two, ROW))).toBeUndefined();
});

test("keeps long rows, and short ones after them", () => {
  const { cache } = cacheOf(10);
  const it = model();
  const long = Array.from({ length: 40 }, (_, index) => index);
  cache.keep(cache.key(it, ROW), PREDICTION);
  cache.keep(cache.key(it, long), { ...PREDICTION, class: 1 });
  expect(cache.find(cache.key(it, long))).toMatchObject({ class: 1 });
  expect(cache.find(cache.key(it, long.with(39, 0)))).toBeUndefined();
  expect(cache.find(cache.key(it, ROW))).toBe(PREDICTION);
});

test("is bounded: what was asked for longest ago goes first", async () => {
  const { cache, register } = cacheOf(2);
  const it = model();
  const key = (first: number) => cache.key(it, ROW.with(0, first));
  cache.keep(key(1), PREDICTION);
  cache.keep(key(2), PREDICTION);
  expect(cache.find(key(1))).toBe(PREDICTION);
  cache.keep(key(3), PREDICTION);
  const found = [1, 2, 3].map((first) => cache.find(key(first)) !== undefined);
  expect(found).toEqual([true, false, true]);
  const lines = (await register.metrics()).split("\n");
  expect(lines).toContain('cache_requests_total{result="hit"} 3');
  expect(lines).toContain('cache_requests_total{result="miss"} 1');
});
