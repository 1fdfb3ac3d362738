import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { jsonPost } from "../support/both-faces.ts";
import { jsonTexts } from "../fuzz/json-values.ts";
import { send, type Reply } from "../support/json-request.ts";
import { startOneAndSeveral, PROCESSES, type OneAndSeveral } from "../support/one-and-several.ts";
import { sized } from "../support/sized.ts";

// Generated requests, good and bad: the faces say the same of them, and so do one process and several.

const RUNS = sized(300, 75);
const FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"];
const MODELS = ["iris-forest", "iris-logistic", "iris-mlp"] as const;
const GOOD = [5.1, 3.5, 1.4, 0.2];

let servers: OneAndSeveral;
let one: ApiProcess;
let several: ApiProcess;
beforeAll(async () => {
  servers = await startOneAndSeveral();
  ({ one, several } = servers);
});
afterAll(() => servers[Symbol.asyncDispose]());

function ask(api: ApiProcess, path: string, text: string): Promise<Reply> {
  return send(`${api.url}${path}`, jsonPost(text));
}

interface Prediction {
  readonly class: number;
  readonly proba: readonly number[];
}

/** What a row was answered, whichever face said so. */
function essence(predictions: readonly Prediction[]) {
  return predictions.map(({ class: index, proba }) => ({ class: index, proba }));
}

/** The predictions of an answer of the Open Inference Protocol. */
function ofTensors({ body }: Reply): Prediction[] {
  const [classes, proba]: { data: number[] }[] = body.outputs;
  return (classes?.data ?? []).map((index, row) => ({
    class: index,
    proba: proba?.data.slice(row * 3, row * 3 + 3) ?? [],
  }));
}

const good = fc.double({ min: 0.05, max: 8, noNaN: true });
const bad = fc.constantFrom<unknown>(0, -1, 1e39, 1e-46, null, "5.1", true, {}, "", -0);
const row = fc.tuple(good, good, good, good);
const spoiled = fc
  .tuple(row, fc.nat(3), bad)
  .map(([cells, at, value]): unknown[] =>
    cells.map((cell, index) => (index === at ? value : cell)),
  );
const matrix = fc.oneof(
  fc.array(row, { minLength: 1, maxLength: 12 }),
  fc.array(fc.oneof({ arbitrary: row, weight: 3 }, spoiled), { minLength: 1, maxLength: 6 }),
);

/** The rule that the Open Inference Protocol names: the first of those that the others list. */
function firstRule({ loc, msg }: { loc: readonly (string | number)[]; msg: string }): string {
  const [, , at, feature] = loc;
  return `input "features", row ${at}, feature "${FEATURES[Number(feature)]}": ${msg}`;
}

test(`${RUNS} generated batches get the same predictions, or break the same rule, over REST, tRPC and OIP`, async () => {
  const seen = { right: 0, refused: 0 };
  const property = fc.asyncProperty(
    matrix,
    fc.constantFrom(...MODELS),
    async (rows, model_name) => {
      const shape = [rows.length, 4];
      const input = { name: "features", shape, datatype: "FP32", data: rows };
      const text = JSON.stringify({ rows, model_name });
      const [rest, trpc, oip] = await Promise.all([
        ask(one, "/predict-batch", text),
        ask(one, "/trpc/predictBatch", text),
        ask(one, `/v2/models/${model_name}/infer`, JSON.stringify({ inputs: [input] })),
      ]);
      const singles = await Promise.all(
        rows.map((features) => ask(one, "/predict", JSON.stringify({ features, model_name }))),
      );
      expect(trpc.status).toBe(rest.status);
      if (rest.status === 200) {
        seen.right += 1;
        const predictions = essence(rest.body.predictions);
        expect(essence(trpc.body.result.data.predictions)).toEqual(predictions);
        expect(oip.status).toBe(200);
        expect(ofTensors(oip)).toEqual(predictions);
        expect(essence(singles.map(({ body }) => body))).toEqual(predictions);
        return;
      }
      seen.refused += 1;
      expect([rest.status, oip.status]).toEqual([422, 400]);
      const { detail } = rest.body;
      expect(trpc.body.error.data.detail).toEqual(detail);
      expect(oip.body.error).toContain(firstRule(detail[0]));
      // The rows that were bad are those refused alone, for the same rules.
      const alone = singles.flatMap(({ status, body }, at) =>
        status === 200
          ? []
          : body.detail.map((entry: { loc: unknown[] }) => ({
              ...entry,
              loc: ["body", "rows", at, ...entry.loc.slice(2)],
            })),
      );
      expect(alone).toEqual(detail);
    },
  );
  await fc.assert(property, { numRuns: RUNS });
  expect(seen.right).toBeGreaterThan(RUNS / 10);
  expect(seen.refused).toBeGreaterThan(RUNS / 10);
});

/** A reply without what is its own: ids and times. */
function withoutOwn({ status, headers, text }: Reply) {
  const same = text
    .replaceAll(/"request_id":"[^"]*"/g, '"request_id":"…"')
    .replaceAll(/"processing_time_ms":[\d.e-]+/g, '"processing_time_ms":0');
  return { status, type: headers.get("content-type"), text: same };
}

const INFER = {
  inputs: [{ name: "features", shape: [2, 4], datatype: "FP32", data: [...GOOD, ...GOOD] }],
};
const call = fc.oneof(
  ...[
    ["/predict", { features: GOOD, model_name: "iris-mlp" }] as const,
    ["/trpc/predict", { features: GOOD }] as const,
    ["/predict-batch", { rows: [GOOD, [6, 2.7, 5.1, 1.6]], batch_size: 2 }] as const,
    ["/trpc/iris.predictBatch", { rows: [GOOD, GOOD] }] as const,
    ["/v1/predict", { features: ["5.1", 3.5, 1.4, " 0.2 "] }] as const,
    ["/v2/models/iris-forest/infer", INFER] as const,
  ].map(([path, example]) => jsonTexts(example).map((text) => ({ path, text }))),
  row.map((features) => ({ path: "/predict", text: JSON.stringify({ features }) })),
);

test(`${2 * RUNS} generated requests get byte-identical answers from one process and from ${PROCESSES}`, async () => {
  const seen: Record<number, number> = {};
  const property = fc.asyncProperty(call, async ({ path, text }) => {
    const [alone, shared] = await Promise.all([ask(one, path, text), ask(several, path, text)]);
    expect(withoutOwn(shared)).toEqual(withoutOwn(alone));
    seen[alone.status] = (seen[alone.status] ?? 0) + 1;
  });
  await fc.assert(property, { numRuns: 2 * RUNS });
  for (const status of [200, 400, 422])
    expect(seen[status] ?? 0, `${status}`).toBeGreaterThan(sized(10, 0));
});

test("another model's answer is no identical one, ids and times are", async () => {
  const text = (model_name: string) => JSON.stringify({ features: [6, 2.7, 5.1, 1.6], model_name });
  const [forest, again, mlp] = await Promise.all([
    ask(one, "/predict", text("iris-forest")),
    ask(several, "/predict", text("iris-forest")),
    ask(several, "/predict", text("iris-mlp")),
  ]);
  expect(withoutOwn(again)).toEqual(withoutOwn(forest));
  expect(withoutOwn(mlp).text).not.toBe(withoutOwn(forest).text);
  expect(essence([mlp.body])).not.toEqual(essence([forest.body]));
});
