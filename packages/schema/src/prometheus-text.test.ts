import { expect, test } from "vitest";
import { type Histogram, parsePrometheus, quantile, sumBuckets } from "./prometheus-text.ts";

test("reads types, labels, escapes, timestamps and the values that are no numerals", () => {
  const { types, samples } = parsePrometheus(
    [
      "# HELP a_total Things",
      "# TYPE a_total counter",
      'a_total{path="/x/{id}",text="say \\"hi\\"\\n\\\\"} 3 1700000000000',
      "plain 1.5e-3",
      'b_bucket{le="+Inf"} +Inf',
      "c NaN",
      "",
      "not a line of the format",
      "broken{ 1",
    ].join("\n"),
  );
  expect(types.get("a_total")).toBe("counter");
  expect(samples).toEqual([
    { name: "a_total", labels: { path: "/x/{id}", text: 'say "hi"\n\\' }, value: 3 },
    { name: "plain", labels: {}, value: 0.0015 },
    { name: "b_bucket", labels: { le: "+Inf" }, value: Infinity },
    { name: "c", labels: {}, value: NaN },
  ]);
});

/** Every observation laid out evenly in its bucket, a hundredfold so that all percentiles are whole ranks. */
function byBruteForce(percent: number, { bounds, counts }: Histogram): number {
  const laidOut: number[] = [];
  for (const [index, count] of counts.entries()) {
    const lower = bounds[index - 1] ?? 0;
    const upper = bounds[index] ?? Infinity;
    for (let k = 1; k <= count * 100; k += 1) {
      laidOut.push(upper === Infinity ? Infinity : lower + ((upper - lower) * k) / (count * 100));
    }
  }
  return laidOut[(percent * laidOut.length) / 100 - 1] ?? NaN;
}

function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

test("equals observations laid out one by one, for a thousand random histograms", () => {
  const random = randoms(7);
  const bounds = [0.001, 0.0025, 0.005, 0.01, 0.1, 1];
  for (let round = 0; round < 1000; round += 1) {
    const counts = Array.from({ length: bounds.length + 1 }, () =>
      random() < 0.4 ? 0 : Math.floor(random() * 12),
    );
    for (const percent of [1, 50, 95, 99, 100]) {
      const expected = byBruteForce(percent, { bounds, counts });
      const found = quantile(percent / 100, { bounds, counts });
      if (Number.isNaN(expected)) expect(found).toBeNull();
      else if (expected === Infinity) expect(found).toEqual({ kind: "at_least", lower: 1 });
      else expect(found).toMatchObject({ kind: "within", value: expect.closeTo(expected, 10) });
    }
  }
});

test("the bucket it names holds the true quantile of what was observed", () => {
  const random = randoms(11);
  const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025];
  for (let round = 0; round < 200; round += 1) {
    const seen = Array.from({ length: 1 + Math.floor(random() * 300) }, () =>
      Math.exp(-8 + 4 * random()),
    ).toSorted((a, b) => a - b);
    const counts = [...bounds, Infinity].map(
      (upper, index) =>
        seen.filter((value) => value <= upper && value > (bounds[index - 1] ?? 0)).length,
    );
    const truth = seen[Math.ceil(0.99 * seen.length) - 1] ?? NaN;
    const found = quantile(0.99, { bounds, counts });
    expect(truth).toBeGreaterThan(found?.lower ?? Infinity);
    if (found?.kind === "within") expect(truth).toBeLessThanOrEqual(found.upper);
  }
});

test("a rank beyond the last bound is at least that bound, and nothing observed is nothing", () => {
  expect(quantile(0.99, { bounds: [1, 10], counts: [98, 0, 2] })).toEqual({
    kind: "at_least",
    lower: 10,
  });
  expect(quantile(0.5, { bounds: [1, 10], counts: [0, 0, 0] })).toBeNull();
});

test("sums series before it takes the accumulation apart", () => {
  const series = (handler: string, values: Record<string, number>) =>
    Object.entries(values).map(([le, value]) => ({ name: "x", labels: { le, handler }, value }));
  const samples = [
    ...series("/a", { "0.5": 1, "1": 3, "+Inf": 4 }),
    ...series("/b", { "1": 5, "0.5": 5, "+Inf": 5 }),
  ];
  expect(sumBuckets(samples)).toEqual({ bounds: [0.5, 1], counts: [6, 2, 1] });
});
