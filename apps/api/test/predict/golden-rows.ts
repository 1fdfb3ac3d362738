import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { inChunks } from "../support/in-chunks.ts";
import { post } from "../support/json-request.ts";
import { sharedApi } from "../support/shared-api.ts";

interface Answer {
  readonly class: number;
  readonly proba: readonly number[];
}

/** Requests under way at once. */
const CONCURRENCY = 64;

async function readGolden(model: string) {
  const path = new URL(`../../../../models/${model}/1/golden.json`, import.meta.url);
  const { groups } = JSON.parse(await readFile(path, "utf8"));
  const rows: number[][] = [];
  const answers: Answer[] = [];
  for (const group of groups) {
    rows.push(...group.features);
    group.class.forEach((index: number, row: number) =>
      answers.push({ class: index, proba: group.proba[row] }),
    );
  }
  return { rows, answers };
}

/** Largest distance from the trainer's probabilities; infinite where a class or a length differs. */
function distance(found: Answer, expected: Answer): number {
  if (found.class !== expected.class || found.proba.length !== expected.proba.length) {
    return Infinity;
  }
  return Math.max(...expected.proba.map((value, k) => Math.abs((found.proba[k] ?? NaN) - value)));
}

/**
 * Tests every golden row of every model in batches, and each `step`th by itself: one request takes as long as a hundred
 * rows of a batch.
 */
export function testGoldenRows(step: number): void {
  let api: ApiProcess;
  beforeAll(async () => {
    api = await sharedApi();
  });

  describe.each([
    { contract: "iris", model: "iris-forest", tolerance: 1e-6, atLeast: 150 + 2000 + 500 },
    { contract: "iris", model: "iris-logistic", tolerance: 1e-5, atLeast: 150 + 2000 },
    { contract: "iris", model: "iris-mlp", tolerance: 1e-5, atLeast: 150 + 2000 },
    { contract: "wine", model: "wine-forest", tolerance: 1e-6, atLeast: 178 + 2000 + 500 },
  ])("every golden row of $model", ({ contract, model, tolerance, atLeast }) => {
    // The default contract's routes have no prefix as well.
    const [rest, trpc] = contract === "iris" ? ["", ""] : [`/${contract}`, `${contract}.`];
    const golden = readGolden(model);

    async function expectGolden(found: readonly Answer[], every = 1) {
      const whole = await golden;
      expect(whole.rows.length).toBeGreaterThanOrEqual(atLeast);
      const rows = whole.rows.filter((_, row) => row % every === 0);
      const answers = whole.answers.filter((_, row) => row % every === 0);
      expect(found).toHaveLength(rows.length);
      const wrong = answers.flatMap((expected, row) => {
        const answer = found[row] ?? { class: -1, proba: [] };
        // Written so that a probability that is no number counts as wrong.
        return distance(answer, expected) <= tolerance
          ? []
          : [{ row: rows[row], expected, answer }];
      });
      expect(wrong).toEqual([]);
    }

    test.each([
      [`${rest}/predict`, (reply: { body: Answer }) => reply.body],
      [
        `/trpc/${trpc}predict`,
        (reply: { body: { result: { data: Answer } } }) => reply.body.result.data,
      ],
    ])("one by one over %s", async (path, answerOf) => {
      const rows = (await golden).rows.filter((_, row) => row % step === 0);
      const send = (features: number[]) =>
        post(`${api.url}${path}`, { features, model_name: model });
      await expectGolden((await inChunks(rows, CONCURRENCY, send)).map(answerOf), step);
    });

    test.each([
      [`${rest}/predict-batch`, (body: unknown) => body],
      [`/trpc/${trpc}predictBatch`, (body: { result: { data: unknown } }) => body.result.data],
    ])("as one batch over %s", async (path, answerOf) => {
      const { rows } = await golden;
      const { body } = await post(`${api.url}${path}`, { rows, model_name: model });
      const answer = answerOf(body);
      expect(answer).toMatchObject({ count: rows.length, model_used: model, model_version: "1" });
      await expectGolden(Object(answer).predictions);
    });
  });
}
