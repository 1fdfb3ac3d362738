import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { askRows, ROW_MODELS, type RowCounts } from "./ask-rows.ts";
import { openOracle, rowMistake, type RowOracle } from "./row-oracle.ts";
import { rowSource } from "./row-source.ts";

// Each caller gets its own rows, always; `pnpm test:rows` asks for ten million of them.

const total = Number(process.env["TEST_ROWS"] ?? 100_000);
const seed = Number(process.env["TEST_ROWS_SEED"] ?? Math.floor(Math.random() * 2 ** 20));

declare module "vitest" {
  interface TaskMeta {
    /** Read by `loadtest/src/experiments/rows.ts`. */
    rows?: RowCounts & { readonly seed: number; readonly seconds: number };
  }
}

let api: ApiProcess;
let oracle: RowOracle;
beforeAll(async () => {
  [api, oracle] = await Promise.all([startApi(), openOracle(ROW_MODELS)]);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await oracle[Symbol.asyncDispose]();
});

test(
  "predictions under random concurrency, order and cancellation: each caller gets its own rows",
  { timeout: 400_000 + total },
  async ({ task }) => {
    const begun = performance.now();
    const show = (what: unknown) => {
      const seconds = ((performance.now() - begun) / 1000).toFixed(0);
      // oxlint-disable-next-line eslint/no-console -- progress, and the seed repeats the run
      console.info(`seed ${seed}, ${seconds} s: ${JSON.stringify(what)}`);
    };
    let shown = begun;
    const progress = (what: unknown) => {
      if (performance.now() - shown < 10_000) return;
      shown = performance.now();
      show(what);
    };
    const counts = await askRows({ url: api.url, oracle, rows: total, seed, progress });
    show(counts);
    task.meta.rows = { ...counts, seed, seconds: (performance.now() - begun) / 1000 };
    expect(counts.rows).toBeGreaterThanOrEqual(total);
    expect(counts.left).toBeGreaterThan(0);
    for (const face of ["rest", "trpc", "pipelined", "calls", "batch", "infer", "binary", "file"]) {
      expect(counts.byFace[face] ?? 0, face).toBeGreaterThan(0);
    }
    const queued = async () => (await fetch(`${api.url}/metrics`)).text();
    await eventually(
      async () => !/^inference_queue_rows\{.*\} [1-9]/m.test(await queued()),
      "nothing is left in a queue",
    );
    expect(api.log.filter(({ level }) => level === "error")).toEqual([]);
    expect(api.errors()).toBe("");
  },
);

test("two rows in each other's place are noticed, wherever in the answer they are", async () => {
  const rows = rowSource(seed)(200);
  for (const model of ROW_MODELS) {
    const expected = await oracle.answers(model, rows);
    expect(rowMistake(expected, expected)).toBeNull();
    let noticed = 0;
    for (let at = 0; at + 1 < rows.length; at += 1) {
      const order = rows.map((_, place) => (place === at ? at + 1 : place === at + 1 ? at : place));
      const swapped = await oracle.answers(
        model,
        order.map((place) => rows[place] ?? []),
      );
      if (rowMistake(expected, swapped) !== null) noticed += 1;
    }
    // Of the rows, some have the same answer to the last digit, in a forest many.
    expect(noticed / (rows.length - 1), model).toBeGreaterThan(model === "iris-forest" ? 0.6 : 0.9);
  }
});

test("an answer too few, one too many and no number are noticed", async () => {
  const expected = await oracle.answers("iris-mlp", rowSource(seed)(3));
  const classes = Array.from(expected.classes, Number);
  const proba = Array.from(expected.proba);
  expect(rowMistake(expected, { classes, proba })).toBeNull();
  expect(rowMistake(expected, { classes: classes.slice(1), proba })).toContain("2 answers");
  expect(rowMistake(expected, { classes, proba: [...proba, 0] })).toContain("10 probabilities");
  expect(rowMistake(expected, { classes, proba: proba.with(4, NaN) })).toContain("row 1 of 3");
});
