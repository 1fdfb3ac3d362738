import { readFileSync } from "node:fs";
import * as z from "zod";
import { ROOT } from "../root.ts";
import type { Answer } from "./wire-formats.ts";

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

/** A row and the trainer's own answer to it. */
export interface GoldenRow extends Answer {
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
        features: row,
        class: classes[index] ?? -1,
        proba: proba[index] ?? [],
      })),
    ]),
  );
}
