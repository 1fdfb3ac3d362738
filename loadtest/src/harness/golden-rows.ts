import { readFileSync } from "node:fs";
import * as z from "zod";
import { ROOT } from "../settings.ts";
import type { Endpoint, Peer } from "./peers.ts";
import type { Prediction } from "./wire-formats.ts";

const goldenFile = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      features: z.array(z.array(z.number().nullable())),
      class: z.array(z.int()),
      proba: z.array(z.array(z.number())),
    }),
  ),
});

/** A row and the trainer's own prediction of it. */
export interface GoldenRow extends Prediction {
  readonly features: readonly number[];
}

/** The golden vectors of a model's first version, by group. */
export function readGoldenRows(model: string): Map<string, readonly GoldenRow[]> {
  const path = `${ROOT}models/${model}/1/golden.json`;
  const { groups } = goldenFile.parse(JSON.parse(readFileSync(path, "utf8")));
  return new Map(
    groups.map(({ name, features, class: classes, proba }) => [
      name,
      features.map((row, index) => ({
        features: row.map((value) => value ?? Number.NaN),
        class: classes[index] ?? -1,
        proba: proba[index] ?? [],
      })),
    ]),
  );
}

/** How far a probability may lie from the trainer's. */
const TOLERANCE = 1e-5;

/** Rows of each golden group that are sent. */
const ROWS_PER_GROUP = 8;

/** Some golden rows of each group, evenly spread over it. */
function someGoldenRows(model: string): GoldenRow[] {
  return [...readGoldenRows(model).values()].flatMap((group) =>
    Array.from({ length: ROWS_PER_GROUP }, (_, index) => {
      const row = group[Math.floor((index * group.length) / ROWS_PER_GROUP)];
      if (row === undefined) throw new Error("a golden group without rows");
      return row;
    }),
  );
}

/** What is wrong with the predictions, or null. */
export function difference(
  expected: readonly Prediction[],
  given: readonly Prediction[],
): string | null {
  if (given.length !== expected.length)
    return `${given.length} predictions, not ${expected.length}`;
  for (const [row, wanted] of expected.entries()) {
    const got = given[row];
    if (got?.class !== wanted.class) return `row ${row}: class ${got?.class}, not ${wanted.class}`;
    if (got.proba.length !== wanted.proba.length) return `row ${row}: ${got.proba.length} classes`;
    const far = wanted.proba.findIndex(
      (value, index) => !(Math.abs(value - (got.proba[index] ?? NaN)) <= TOLERANCE),
    );
    if (far >= 0) return `row ${row}: probability ${got.proba[far]}, not ${wanted.proba[far]}`;
  }
  return null;
}

async function predict(
  url: string,
  endpoint: Endpoint,
  rows: readonly GoldenRow[],
): Promise<Prediction[]> {
  const response = await fetch(url + endpoint.path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(endpoint.format.body(rows.map(({ features }) => features))),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 200)}`);
  return endpoint.format.predictions(JSON.parse(text));
}

/**
 * Sends a server golden rows, one by one and as a batch of `mostRows` at most; returns what is wrong with its
 * predictions, or null.
 */
export async function checkPredictions(
  peer: Peer,
  url: string,
  mostRows = Infinity,
): Promise<string | null> {
  if (peer.kind === "floor") return null;
  const rows = someGoldenRows(peer.endpoint({ rows: 1 }).model ?? "iris-forest");
  try {
    const singles: Prediction[] = [];
    for (const row of rows)
      singles.push(...(await predict(url, peer.endpoint({ rows: 1 }), [row])));
    const some = rows.slice(0, mostRows);
    const batch = await predict(url, peer.endpoint({ rows: some.length }), some);
    return difference(rows, singles) ?? difference(some, batch);
  } catch (error) {
    return `no usable prediction: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Groups whose rows are the same for all three models. */
const SHARED_GROUPS = new Set(["dataset", "random"]);

/** Rows with the trainer's own predictions of several models, for a model whose graph is one of them. */
export interface GoldenPredictions {
  readonly rows: readonly (readonly number[])[];
  /** The models that may have made this prediction of a row, a bit each; 0 for a wrong one. */
  sources(row: number, made: Prediction): number;
}

function readModel(model: string): GoldenRow[] {
  return [...readGoldenRows(model)]
    .filter(([name]) => SHARED_GROUPS.has(name))
    .flatMap(([, rows]) => rows);
}

/** Reads the predictions of models for the same rows; throws where the rows differ. */
export function readGoldenPredictions(models: readonly string[]): GoldenPredictions {
  const known = models.map(readModel);
  const rows = (known[0] ?? []).map(({ features }) => features);
  const same = JSON.stringify(rows);
  for (const predictions of known) {
    if (JSON.stringify(predictions.map(({ features }) => features)) !== same) {
      throw new Error("the golden rows of the models differ");
    }
  }
  return {
    rows,
    sources: (row, made) =>
      known.reduce((bits, predictions, model) => {
        const wanted = predictions[row];
        const right = wanted !== undefined && difference([wanted], [made]) === null;
        return right ? bits | (1 << model) : bits;
      }, 0),
  };
}
