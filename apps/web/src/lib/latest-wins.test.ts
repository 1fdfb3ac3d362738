import { expect, test } from "vitest";
import { LatestWins } from "./latest-wins.ts";

interface Run {
  readonly input: number;
  readonly signal: AbortSignal;
  finish(): Promise<void>;
}

function setUp() {
  const runs: Run[] = [];
  const delivered: number[] = [];
  const lane = new LatestWins<number, number>(
    (input, signal) =>
      new Promise((resolve) => {
        const finish = async () => {
          resolve(input * 10);
          await Promise.resolve();
          await Promise.resolve();
        };
        runs.push({ input, signal, finish });
      }),
    (output) => delivered.push(output),
  );
  return { lane, runs, delivered };
}

test("of two hundred inputs, the first and the last are run", async () => {
  const { lane, runs, delivered } = setUp();
  for (let input = 1; input <= 200; input += 1) lane.submit(input);
  expect(runs.map((run) => run.input)).toEqual([1]);
  await runs[0]?.finish();
  expect(runs.map((run) => run.input)).toEqual([1, 200]);
  await runs[1]?.finish();
  expect(delivered).toEqual([10, 2000]);
  expect(runs).toHaveLength(2);
});

test("an answer that arrives after a restart is dropped", async () => {
  const { lane, runs, delivered } = setUp();
  lane.submit(1);
  lane.submit(2);
  lane.restart();
  lane.submit(3);
  expect(runs.map((run) => run.input)).toEqual([1, 3]);
  expect(runs[0]?.signal.aborted).toBe(true);
  await runs[1]?.finish();
  await runs[0]?.finish();
  expect(delivered).toEqual([30]);
});
