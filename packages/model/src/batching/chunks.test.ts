import { iris } from "@sepal/schema/contracts/iris";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { realVersion } from "../../test/real-models.ts";
import { classOf, plainContract, probaOf } from "../../../schema/test/plain-contract.ts";
import { recording, scriptedSession } from "../../test/scripted-session.ts";
import { predictionReader } from "@sepal/schema/prediction-reader";
import { createInferenceSession, type InferenceSession } from "../session/inference-session.ts";
import { runRows } from "./chunks.ts";

function runner(session: InferenceSession, { width = 1, classes = 1 } = {}) {
  const observer = recording();
  const lane = "batch" as const;
  const read = predictionReader(plainContract(width, classes));
  return { session, model: "m", version: "1", width, read, observer, lane };
}

/** Returns the row's only feature as its only probability. */
const echo = () => scriptedSession(([value = 0]) => ({ class: 0, proba: [value] }));

function numbered(count: number): number[][] {
  return Array.from({ length: count }, (_, index) => [index]);
}

describe("runRows", () => {
  test("returns predictions in row order for any batch size", async () => {
    const sizes = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 25 }));
    await fc.assert(
      fc.asyncProperty(sizes, async ([count, batchSize]) => {
        const session = echo();
        const with1 = runner(session);
        const rows = numbered(count).toReversed();
        const predictions = await runRows(with1, rows, batchSize, {});
        expect(predictions.map((prediction) => probaOf(prediction)[0])).toEqual(rows.flat());
        expect(session.runs).toHaveLength(Math.ceil(count / batchSize));
        expect(Math.max(0, ...session.runs)).toBeLessThanOrEqual(batchSize);
        expect(with1.observer.executions).toEqual(session.runs.map((rows) => `batch ${rows}`));
      }),
      { numRuns: 50 },
    );
  });

  test("yields to the event loop between batches", async () => {
    const order: string[] = [];
    // Returns at once, so that the session itself does not yield.
    const run: InferenceSession["run"] = async (features) => {
      order.push("execution");
      setImmediate(() => order.push("other work"));
      const values = Float32Array.from(features, Number);
      return { classes: new BigInt64Array(1), values, started: 0, ended: 0 };
    };
    await runRows(runner({ ...echo(), run }), numbered(3), 1, {});
    expect(order.slice(0, 5)).toEqual([
      "execution",
      "other work",
      "execution",
      "other work",
      "execution",
    ]);
  });

  test("stops between executions when the client is gone", async () => {
    const session = echo();
    const cancelled = () => session.runs.length === 2;
    const running = runRows(runner(session), numbered(10), 3, { cancelled });
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
    expect(session.runs).toEqual([3, 3]);
  });

  test("runs nothing once the deadline has passed", async () => {
    const session = echo();
    const running = runRows(runner(session), numbered(3), 3, { deadline: performance.now() });
    await expect(running).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect(session.runs).toEqual([]);
  });

  test("a NaN in one row fails the batch: no row of it may be missing", async () => {
    const session = scriptedSession(([value = 0]) => ({
      class: 0,
      proba: [value === 2 ? NaN : 1],
    }));
    const running = runRows(runner(session), numbered(4), 2, {});
    await expect(running).rejects.toMatchObject({ code: "internal" });
  });

  test("leaves probes out of the metrics", async () => {
    const with1 = runner(echo());
    await runRows(with1, numbered(2), 1, { probe: true });
    expect(with1.observer.executions).toEqual([]);
  });

  test("a real model predicts every golden row in batches of any size", async () => {
    const { model, golden } = await realVersion("iris-forest");
    const session = await createInferenceSession(model);
    const shape = { width: iris.features.length, classes: iris.classes.length };
    const rows = golden.map((row) => row.features);
    for (const size of [1, 7, 1000, rows.length]) {
      const predictions = await runRows(runner(session, shape), rows, size, {});
      expect(predictions.map(classOf)).toEqual(golden.map((row) => row.class));
      const off = predictions.map((prediction, row) =>
        Math.max(
          ...probaOf(prediction).map((value, k) =>
            Math.abs(value - (golden[row]?.values[k] ?? NaN)),
          ),
        ),
      );
      expect(Math.max(...off)).toBeLessThanOrEqual(1e-6);
    }
    await session.release();
  });
});
