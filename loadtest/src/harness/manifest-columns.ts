import { readFileSync } from "node:fs";
import * as z from "zod";
import { ROOT } from "../settings.ts";

const manifest = z.object({
  features: z.array(z.object({ name: z.string(), counts: z.array(z.number()).optional() })),
  training: z.object({ dataset: z.string() }),
});

/** A feature of a model's rows; `values` are the texts of a category in the order of their codes. */
export interface Column {
  readonly name: string;
  readonly values: readonly string[] | undefined;
}

/** The features of a model's first version; the codes of a category are those of its sorted texts in the training data. */
export function readColumns(model: string): Column[] {
  const read = (path: string) => readFileSync(`${ROOT}models/${path}`, "utf8");
  const { features, training } = manifest.parse(JSON.parse(read(`${model}/1/manifest.json`)));
  const [head = [], ...rows] = read(training.dataset)
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(","));
  return features.map(({ name, counts }) => {
    const texts = new Set(rows.map((row) => row[head.indexOf(name)] ?? ""));
    const values = [...texts].filter((text) => text !== "" && text !== "NA").toSorted();
    return { name, values: counts && values };
  });
}
