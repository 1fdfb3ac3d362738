import { expect, test } from "vitest";
import { figuresOf, judge, TARGETS } from "./bench-targets.ts";
import type { Sample } from "../harness/measure.ts";
import { sample } from "./sample.ts";

function verdictOf(figure: string, samples: readonly Sample[], missing = new Map()) {
  const target = TARGETS.find((candidate) => candidate.figure === figure);
  if (target === undefined) throw new Error(`no target ${figure}`);
  return judge(target, figuresOf(samples, "wrk"), missing, "wrk");
}

const samples = [1, 2, 3].flatMap((round) => [
  sample("floor", round, 1000 * round),
  sample("sepal-rest", round, 600 * round),
]);

test("a share between must and aim is met", () => {
  expect(verdictOf("REST share of the floor", samples)).toMatchObject({
    verdict: "met",
    measured: "60.0 %",
    asked: ">= 55.0 %",
  });
});

test("a latency above its limit is missed", () => {
  const { verdict } = verdictOf("REST p99 at 100 connections", samples);
  expect(verdict).toBe("missed");
});

test("samples of another generator do not count", () => {
  const others = samples.map((item) => ({ ...item, client: "autocannon" }));
  expect(verdictOf("REST share of the floor", others).verdict).toBe("not measured");
});

test("a missing peer leaves its reason", () => {
  const missing = new Map([["litserve", "cannot be installed: no Python"]]);
  expect(verdictOf("REST against LitServe", samples, missing)).toMatchObject({
    verdict: "not measured",
    reason: "cannot be installed: no Python",
  });
});

test("no verdict comes of a run in which a server did not get its core", () => {
  const using = (serverCpu: number, clientCpu: number): Sample[] => [
    { ...sample("floor", 1, 1000), serverCpu, clientCpu },
    { ...sample("sepal-rest", 1, 600), serverCpu, clientCpu },
  ];
  const busy = verdictOf("REST share of the floor", using(0.6, 0.3));
  expect(busy.verdict).toBe("not measured");
  expect(busy.reason).toMatch("busy");
  expect(verdictOf("REST share of the floor", using(0.6, 1)).verdict).toBe("met");
});
