import type { ClassLabels } from "./class-labels.ts";
import { Refusal } from "./refusal.ts";

/** How often a model is right on the rows it was given. */
export interface Accuracy {
  readonly right: number;
  readonly rows: number;
  /** Share of the most frequent class: what always answering it would reach. */
  readonly baseline: number;
}

interface Judged {
  readonly labels: readonly string[];
  readonly classes: readonly number[];
}

/** The label that most rows of each class have in the data, by class index. */
function mostFrequent({ labels, classes }: Judged, count: number): (string | undefined)[] {
  return Array.from({ length: count }, (_, index) => {
    const tally = new Map<string, number>();
    for (const [row, label] of labels.entries()) {
      if (classes[row] === index) tally.set(label, (tally.get(label) ?? 0) + 1);
    }
    return [...tally].toSorted((a, b) => b[1] - a[1])[0]?.[0];
  });
}

/** Counts right answers; refuses names of classes that the data shows to be in another order. */
export function judge(judged: Judged, { labels: names, from }: ClassLabels): Accuracy {
  const { labels, classes } = judged;
  const found = mostFrequent(judged, names.length);
  const other = found.map((label, index) => label ?? names[index] ?? "");
  const isOrder = new Set(other).size === names.length && other.join("\n") !== names.join("\n");
  if (from !== "model" && isOrder) {
    throw new Refusal(
      `the model's classes ${names.map((name, index) => `${index} (named "${name}")`).join(", ")} are mostly ${other.map((label) => `"${label}"`).join(", ")} in the data: name them in the model's order, probably --classes ${other.join(",")}`,
    );
  }
  const right = labels.filter((label, row) => names[classes[row] ?? -1] === label).length;
  const most = Math.max(...names.map((name) => labels.filter((label) => label === name).length));
  return { right, rows: labels.length, baseline: most / labels.length };
}
