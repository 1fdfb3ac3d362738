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
  const queue = new LatestWins<number, number>(
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
  return { queue, runs, delivered };
}

test("of two hundred inputs, the first and the last are run", async () => {
  const { queue, runs, delivered } = setUp();
  for (let input = 1; input <= 200; input += 1) queue.submit(input);
  expect(runs.map((run) => run.input)).toEqual([1]);
  await runs[0]?.finish();
  expect(runs.map((run) => run.input)).toEqual([1, 200]);
  await runs[1]?.finish();
  expect(delivered).toEqual([10, 2000]);
  expect(runs).toHaveLength(2);
});

test("drops a result that arrives after a restart", async () => {
  const { queue, runs, delivered } = setUp();
  queue.submit(1);
  queue.submit(2);
  queue.restart();
  queue.submit(3);
  expect(runs.map((run) => run.input)).toEqual([1, 3]);
  expect(runs[0]?.signal.aborted).toBe(true);
  await runs[1]?.finish();
  await runs[0]?.finish();
  expect(delivered).toEqual([30]);
});
