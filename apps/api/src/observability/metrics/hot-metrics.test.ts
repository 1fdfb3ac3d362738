import { Histogram, Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { DURATION_BUCKETS, HotCounter, HotHistogram } from "./hot-metrics.ts";

describe("hot metrics", () => {
  test("a histogram prints what prom-client's own prints", async () => {
    const ours = new Registry();
    const theirs = new Registry();
    const options = { name: "t_seconds", help: "Time", buckets: DURATION_BUCKETS };
    const labelNames = ["model"];
    const hot = new HotHistogram({ ...options, labelNames, register: ours });
    const plain = new Histogram({ ...options, labelNames, registers: [theirs] });
    // Also values on bounds, below the first and above the last one.
    for (const value of [0, 0.00005, 0.000051, 0.001, 0.7, 10, 11]) {
      hot.labels("a").observe(value);
      plain.observe({ model: "a" }, value);
    }
    hot.labels("b").observe(0.2);
    plain.observe({ model: "b" }, 0.2);
    expect(await ours.metrics()).toBe(await theirs.metrics());
  });

  test("a counter counts by its labels", async () => {
    const register = new Registry();
    const counter = new HotCounter({
      name: "n_total",
      help: "N",
      labelNames: ["a", "b"],
      register,
    });
    counter.labels("x", "y").inc();
    counter.labels("x", "y").inc(2);
    counter.labels("x", "z").inc();
    expect(await register.metrics()).toBe(
      '# HELP n_total N\n# TYPE n_total counter\nn_total{a="x",b="y"} 3\nn_total{a="x",b="z"} 1\n',
    );
  });
});
