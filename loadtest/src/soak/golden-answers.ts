import { readFileSync } from "node:fs";
import * as z from "zod";
import type { Answer } from "../servers/wire-formats.ts";
import { ROOT } from "../root.ts";

/** How far a probability may lie from the trainer's. */
const TOLERANCE = 1e-5;

/** Groups whose rows are the same for all three models. */
const SHARED_GROUPS = new Set(["dataset", "random"]);

const goldenFile = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      features: z.array(z.array(z.number())),
      class: z.array(z.int()),
      proba: z.array(z.array(z.number())),
    }),
  ),
});

/** Rows with the trainer's own answers of several models, for a model whose graph is one of them. */
export interface GoldenAnswers {
  readonly rows: readonly (readonly number[])[];
  /** The models that may have given this answer to a row, a bit each; 0 for a wrong answer. */
  sources(row: number, answer: Answer): number;
}

function readModel(model: string) {
  const { groups } = goldenFile.parse(
    JSON.parse(readFileSync(`${ROOT}models/${model}/1/golden.json`, "utf8")),
  );
  return groups
    .filter(({ name }) => SHARED_GROUPS.has(name))
    .flatMap(({ features, class: classes, proba }) =>
      features.map((row, index) => ({
        features: row,
        class: classes[index] ?? -1,
        proba: proba[index] ?? [],
      })),
    );
}

function agrees(wanted: Answer, given: Answer): boolean {
  return (
    wanted.class === given.class &&
    wanted.proba.length === given.proba.length &&
    // Written so that a probability that is no number is wrong.
    wanted.proba.every((value, k) => Math.abs(value - (given.proba[k] ?? NaN)) <= TOLERANCE)
  );
}

/** Reads the answers of models that were asked for the same rows; throws when they were not. */
export function readGoldenAnswers(models: readonly string[]): GoldenAnswers {
  const known = models.map(readModel);
  const rows = (known[0] ?? []).map(({ features }) => features);
  const same = JSON.stringify(rows);
  for (const answers of known) {
    if (JSON.stringify(answers.map(({ features }) => features)) !== same) {
      throw new Error("the models were not asked for the same rows");
    }
  }
  return {
    rows,
    sources: (row, answer) =>
      known.reduce((bits, answers, model) => {
        const wanted = answers[row];
        return wanted !== undefined && agrees(wanted, answer) ? bits | (1 << model) : bits;
      }, 0),
  };
}
