import { describe, expect, test } from "vitest";
import { plainContract } from "../../../schema/test/plain-contract.ts";
import { recording, scriptedSession } from "../../test/scripted-session.ts";
import { seededRandom } from "../seeded-random.ts";
import { predictionReader } from "@sepal/schema/prediction-reader";
import { outputsOf } from "./attribution.ts";
import { explainBySampling, samplingCost } from "./permutations.ts";

type Model = (features: readonly number[]) => number;

/** Explains one row of a scripted model of one output. */
async function explain(model: Model, row: readonly number[], background: readonly number[][]) {
  const width = row.length;
  const contract = plainContract(width, 1);
  const session = scriptedSession((features) => ({ class: 0, proba: [model(features)] }));
  const read = predictionReader(contract);
  const names = { model: "m", version: "1", lane: "explain" as const };
  const runner = { ...names, session, width, read, observer: recording() };
  return explainBySampling(runner, outputsOf(contract), row, background, {});
}

const random = seededRandom(1);
const rows = (count: number, width: number) =>
  Array.from({ length: count }, () => Array.from({ length: width }, () => random() / 2));

describe("a sample", () => {
  test("is the closed form where features add up", async () => {
    const width = 20;
    const weights = Array.from({ length: width }, (_, index) => (index - 8) / 256);
    const sum: Model = (features) =>
      features.reduce((total, value, index) => total + value * (weights[index] ?? 0), 0.25);
    const background = rows(60, width);
    const [row = []] = rows(1, width);
    const { contributions, base } = await explain(sum, row, background);
    const mean = (at: number) =>
      background.reduce((total, each) => total + (each[at] ?? 0), 0) / background.length;
    for (const [index, weight] of weights.entries()) {
      const expected = weight * ((row[index] ?? 0) - mean(index));
      expect(contributions[index]?.[0]).toBeCloseTo(expected, 7);
    }
    expect(base[0]).toBeCloseTo(sum(weights.map((_, index) => mean(index))), 6);
  });

  test("lies within its standard error where two features multiply, and adds up", async () => {
    const width = 16;
    const product: Model = ([a = 0, b = 0]) => a * b;
    const background = rows(200, width);
    const row = [0.5, 0.25, ...(rows(1, width - 2)[0] ?? [])];
    const found = await explain(product, row, background);
    const average = (of: (each: readonly number[]) => number) =>
      background.reduce((total, each) => total + of(each), 0) / background.length;
    const [a = 0, b = 0] = row;
    const [meanA, meanB] = [average(([x = 0]) => x), average(([, y = 0]) => y)];
    const meanAB = average(([x = 0, y = 0]) => x * y);
    const exact = [
      (a * meanB - meanAB + a * b - b * meanA) / 2,
      (b * meanA - meanAB + a * b - a * meanB) / 2,
    ];
    for (const [index, value] of exact.entries()) {
      const error = found.standardError?.[index]?.[0] ?? 0;
      expect(error).toBeGreaterThan(0);
      expect(error).toBeLessThan(0.01);
      expect(Math.abs((found.contributions[index]?.[0] ?? NaN) - value)).toBeLessThan(4 * error);
    }
    for (let index = 2; index < width; index += 1) {
      expect(found.contributions[index]).toEqual([0]);
      expect(found.standardError?.[index]).toEqual([0]);
    }
    const total = found.contributions
      .flat()
      .reduce((sum, value) => sum + value, found.base[0] ?? 0);
    expect(total).toBeCloseTo(found.outputs[0] ?? NaN, 12);
  });

  test("is the same for the same row, and another for another", async () => {
    const model: Model = ([a = 0, b = 0, c = 0]) => a * b + b * c;
    const background = rows(30, 13);
    const [row = [], other = []] = rows(2, 13);
    const { computeMs: _, ...first } = await explain(model, row, background);
    expect(await explain(model, row, background)).toMatchObject(first);
    expect((await explain(model, other, background)).contributions).not.toEqual(
      first.contributions,
    );
  });

  test.each([
    [13, 150],
    [64, 500],
    [300, 500],
  ])(
    "of %i features and %i background rows runs the rows it costs, and no more",
    async (width, count) => {
      const cost = samplingCost(width, count);
      expect(cost).toBeLessThanOrEqual(50_001);
      const [row = []] = rows(1, width);
      const found = await explain(([a = 0]) => a, row, rows(count, width));
      expect(found.rows).toBe(cost);
    },
  );
});
