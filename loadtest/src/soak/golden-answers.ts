import { difference } from "../servers/golden-check.ts";
import { readGoldenRows, type GoldenRow } from "../servers/golden-rows.ts";
import type { Answer } from "../servers/wire-formats.ts";

/** Groups whose rows are the same for all three models. */
const SHARED_GROUPS = new Set(["dataset", "random"]);

/** Rows with the trainer's own answers of several models, for a model whose graph is one of them. */
export interface GoldenAnswers {
  readonly rows: readonly (readonly number[])[];
  /** The models that may have given this answer to a row, a bit each; 0 for a wrong answer. */
  sources(row: number, answer: Answer): number;
}

function readModel(model: string): GoldenRow[] {
  return [...readGoldenRows(model)]
    .filter(([name]) => SHARED_GROUPS.has(name))
    .flatMap(([, rows]) => rows);
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
        const right = wanted !== undefined && difference([wanted], [answer]) === null;
        return right ? bits | (1 << model) : bits;
      }, 0),
  };
}
