import { expect, test } from "vitest";
import { realVersion } from "../../test/real-models.ts";
import { scriptedSession } from "../../test/scripted-session.ts";
import { createInferenceSession, type InferenceSession } from "./inference-session.ts";
import { orderThatPays } from "./warm-up.ts";
import { orderColumn, runTogether } from "./model-run.ts";

/** A session that takes 10 µs for each row whose column lies on another side of a bound than the row's before. */
function branching(column: number, bound: number): InferenceSession {
  const scripted = scriptedSession(() => ({ class: 0, proba: [1] }));
  return {
    ...scripted,
    async run(features, width) {
      await new Promise((resolve) => setImmediate(resolve));
      let changes = 0;
      let last = false;
      for (let at = column; at < features.length; at += width) {
        const side = (features[at] ?? 0) > bound;
        if (side !== last) changes += 1;
        last = side;
      }
      const end = performance.now() + changes * 0.01;
      while (performance.now() < end);
      const rows = features.length / width;
      return { classes: new BigInt64Array(rows), proba: new Float32Array(rows) };
    },
  };
}

async function irisForest() {
  const { manifest, golden, model } = await realVersion("iris-forest");
  return { features: manifest.features, rows: golden.map(({ features }) => features), model };
}

test("finds the column that a model branches on", async () => {
  const { features, rows } = await irisForest();
  const order = await orderThatPays(branching(1, 3), rows, features);
  expect(order?.[0].index).toBe(1);
});

test("leaves rows in their own order where a model takes the same time for all", async () => {
  const { features, rows } = await irisForest();
  const session = branching(0, Infinity);
  expect(await orderThatPays(session, rows, features)).toBeNull();
});

test("changes no bit of a forest's answers", async () => {
  const { features, model } = await irisForest();
  await using session = Object.assign(await createInferenceSession(model), {
    async [Symbol.asyncDispose]() {
      await session.release();
    },
  });
  const [first, second] = features.slice(2).map((petal, index) => orderColumn(index + 2, petal));
  if (first === undefined || second === undefined) throw new Error("iris has four features");
  const rows = Float32Array.from({ length: 5000 * 4 }, () => Math.random() * 10);
  const plain = await runTogether(session, rows, 4, null);
  const together = await runTogether(session, rows, 4, [first, second]);
  expect(together.classes).toEqual(plain.classes);
  expect(together.proba).toEqual(plain.proba);
});
