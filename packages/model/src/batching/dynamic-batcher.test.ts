import { setImmediate as nextTurn } from "node:timers/promises";
import { iris } from "@sepal/schema/contracts/iris";
import { SepalError } from "@sepal/schema/sepal-error";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { realVersion } from "../../test/real-models.ts";
import { classOf, plainContract, probaOf } from "../../../schema/test/plain-contract.ts";
import { recording, scriptedSession } from "../../test/scripted-session.ts";
import { DynamicBatcher, type BatchLimits, type TimedPrediction } from "./dynamic-batcher.ts";
import { predictionReader } from "@sepal/schema/prediction-reader";
import { createInferenceSession, type InferenceSession } from "../session/inference-session.ts";

/** A feature that the scripted session predicts NaN for. */
const NAN = 1e6;

/** Returns the row's only feature as its only probability. */
const echo = () =>
  scriptedSession(([value = 0]) => ({ class: 0, proba: [value === NAN ? NaN : value] }));

/** Length and width of the petals, by which real rows are put together. */

function batcherOf(session: InferenceSession, limits: Partial<BatchLimits> = {}) {
  const observer = recording();
  const read = predictionReader(plainContract(1, 1));
  const bounds = { maxBatchSize: 64, maxDelayMs: 0, maxQueueRows: 4096, ...limits };
  const model = { model: "m", version: "1", width: 1 };
  return {
    batcher: new DynamicBatcher({ ...model, ...bounds, read, session, observer }),
    observer,
  };
}

/** How a submitted row ended: its probability, or the code of its failure. */
async function outcome(pending: Promise<TimedPrediction>): Promise<unknown> {
  return pending.then(
    ({ prediction }) => probaOf(prediction)[0],
    (error: unknown) => (error instanceof SepalError ? error.code : error),
  );
}

const ENDS = {
  waits: (value: number) => value,
  cancelled: () => "cancelled",
  late: () => "deadline_exceeded",
  nan: () => "internal",
} as const;

const row = fc.record({
  end: fc.constantFrom<(keyof typeof ENDS)[]>(
    "waits",
    "waits",
    "waits",
    "cancelled",
    "late",
    "nan",
  ),
  /** Turns of the event loop before it is submitted. */
  turn: fc.integer({ min: 0, max: 4 }),
});

describe("DynamicBatcher", () => {
  test("gives each caller its own row, whoever else waits, fails or leaves", async () => {
    const limits = fc.record({
      maxBatchSize: fc.integer({ min: 1, max: 8 }),
      maxDelayMs: fc.constantFrom(0, 1),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 40 }), limits, async (rows, bounds) => {
        const session = echo();
        const { batcher, observer } = batcherOf(session, bounds);
        const ended = rows.map(async ({ end, turn }, index) => {
          for (let count = 0; count < turn; count += 1) await nextTurn();
          const call = {
            cancelled: () => end === "cancelled",
            deadline: end === "late" ? performance.now() : undefined,
          };
          return outcome(batcher.submit([end === "nan" ? NAN : index], call));
        });
        expect(await Promise.all(ended)).toEqual(rows.map(({ end }, index) => ENDS[end](index)));
        expect(batcher.queueRows).toBe(0);
        const run = rows.filter(({ end }) => end === "waits" || end === "nan").length;
        expect(session.runs.reduce((sum, count) => sum + count, 0)).toBe(run);
        expect(Math.max(0, ...session.runs)).toBeLessThanOrEqual(bounds.maxBatchSize);
        expect(observer.executions).toEqual(session.runs.map((count) => `single ${count}`));
        expect(observer.queuedRows).toBe(run);
      }),
      { numRuns: 200 },
    );
  });

  test("runs what arrives in one turn of the event loop together", async () => {
    const session = echo();
    const { batcher } = batcherOf(session);
    await Promise.all(Array.from({ length: 20 }, (_, index) => batcher.submit([index], {})));
    expect(session.runs).toEqual([20]);
  });

  test("runs no more together than the batch size, in order of arrival", async () => {
    const session = echo();
    const { batcher } = batcherOf(session, { maxBatchSize: 8 });
    const order: number[] = [];
    const submit = (value: number) => batcher.submit([value], {}).then(() => order.push(value));
    await Promise.all(Array.from({ length: 20 }, (_, index) => submit(index)));
    expect(session.runs).toEqual([8, 8, 4]);
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  test("a lone row never waits for company", async () => {
    const session = echo();
    const { batcher } = batcherOf(session, { maxDelayMs: 3_600_000 });
    // An hour's wait would outlast the test.
    expect(await outcome(batcher.submit([1], {}))).toBe(1);
    expect(await outcome(batcher.submit([2], {}))).toBe(2);
    expect(session.runs).toEqual([1, 1]);
  });

  test("rows that have company wait for more, until the batch is full", async () => {
    const session = echo();
    // An hour's wait would outlast the test: only the fourth row can end it.
    const { batcher } = batcherOf(session, { maxDelayMs: 3_600_000, maxBatchSize: 4 });
    const rows = [outcome(batcher.submit([1], {})), outcome(batcher.submit([2], {}))];
    await nextTurn();
    await nextTurn();
    expect(session.runs).toEqual([]);
    rows.push(outcome(batcher.submit([3], {})), outcome(batcher.submit([4], {})));
    expect(await Promise.all(rows)).toEqual([1, 2, 3, 4]);
    expect(session.runs).toEqual([4]);
  });

  test("rows that have company wait no longer than the delay", async () => {
    const session = echo();
    const { batcher } = batcherOf(session, { maxDelayMs: 20 });
    const started = performance.now();
    expect(await Promise.all([1, 2].map((value) => outcome(batcher.submit([value], {}))))).toEqual([
      1, 2,
    ]);
    expect(performance.now() - started).toBeGreaterThanOrEqual(19);
    expect(session.runs).toEqual([2]);
  });

  test("refuses what is beyond the bound of the queue, running rows counted, and nothing after", async () => {
    const session = echo();
    const { batcher, observer } = batcherOf(session, { maxQueueRows: 3, maxBatchSize: 2 });
    const hold = session.hold();
    const running = [outcome(batcher.submit([1], {})), outcome(batcher.submit([2], {}))];
    await nextTurn();
    const waiting = outcome(batcher.submit([3], {}));
    expect(batcher.queueRows).toBe(3);
    await expect(batcher.submit([4], {})).rejects.toMatchObject({
      code: "unavailable",
      reason: "queue_full",
      headers: { "retry-after": "1" },
    });
    expect(observer.rejections).toEqual(["queue_full"]);
    hold.release();
    expect(await Promise.all([...running, waiting])).toEqual([1, 2, 3]);
    expect(await outcome(batcher.submit([5], {}))).toBe(5);
    expect(observer.rejections).toHaveLength(1);
  });

  test("a run that fails fails its rows, and no later ones", async () => {
    const session = echo();
    let broken = true;
    const run: InferenceSession["run"] = (features, width) =>
      broken ? Promise.reject(new Error("out of memory")) : session.run(features, width);
    const { batcher } = batcherOf({ ...session, run });
    const failed = [batcher.submit([1], {}), batcher.submit([2], {})].map(outcome);
    expect(await Promise.all(failed)).toEqual(["internal", "internal"]);
    broken = false;
    expect(await outcome(batcher.submit([3], {}))).toBe(3);
    expect(batcher.queueRows).toBe(0);
  });

  test("leaves probes out of the metrics", async () => {
    const { batcher, observer } = batcherOf(echo());
    await Promise.all([batcher.submit([1], { probe: true }), batcher.submit([2], {})]);
    await batcher.submit([3], { probe: true });
    expect([observer.executions, observer.queuedRows]).toEqual([["single 1"], 1]);
  });

  test("reports how long a row waited and how long the run took", async () => {
    const { batcher } = batcherOf(echo());
    const started = performance.now();
    const { queueMs, computeMs } = await batcher.submit([1], {});
    expect(queueMs).toBeGreaterThanOrEqual(0);
    expect(computeMs).toBeGreaterThanOrEqual(0);
    expect(queueMs + computeMs).toBeLessThanOrEqual(performance.now() - started);
  });

  test("a real model gives each of 500 concurrent callers the trainer's prediction", async () => {
    const { model, golden } = await realVersion("iris-forest");
    const session = await createInferenceSession(model);
    const limits = { maxBatchSize: 64, maxDelayMs: 0, maxQueueRows: 500 };
    const names = { model: "m", version: "1", width: 4, read: predictionReader(iris) };
    const batcher = new DynamicBatcher({ ...names, ...limits, session, observer: recording() });
    const rows = golden.slice(-500);
    const results = await Promise.all(rows.map(({ features }) => batcher.submit(features, {})));
    expect(results.map(({ prediction }) => classOf(prediction))).toEqual(
      rows.map((row) => row.class),
    );
    await session.release();
  });
});
