import { Refusal } from "./refusal.ts";

/** The labels of a model's classes, in the order of its probabilities, and where they are from. */
export interface ClassLabels {
  readonly labels: readonly string[];
  readonly from: "model" | "option" | "sorted" | "data";
  /** The label that a cell of the table stands for. */
  readonly labelOf: (cell: string) => string;
}

interface LabelSources {
  /** Paths, for messages. */
  readonly model: string;
  readonly data: string;
  /** What the graph calls its classes. */
  readonly graph: readonly string[] | undefined;
  /** What `--classes` calls them. */
  readonly option: readonly string[] | undefined;
  /** The label of every row. */
  readonly rows: readonly string[];
}

/** As scikit-learn sorts classes: numbers by size, whole ones of any length exactly, texts by code point. */
function sortedLabels(labels: readonly string[]): string[] {
  if (labels.every((label) => /^-?\d+$/.test(label))) {
    return labels.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  }
  const numeric = labels.every((label) => label !== "" && Number.isFinite(Number(label)));
  return labels.toSorted((a, b) => (numeric ? Number(a) - Number(b) : a < b ? -1 : 1));
}

/** A label as text; a whole number reads the same with and without its `.0`. */
function plain(label: string): string {
  return label.trim().replace(/^(-?\d+)\.0+$/, "$1");
}

/**
 * Finds the known label that a cell stands for: the same text, else the same without blanks around it, else the same whole
 * number. The label keeps its own spelling, which is what the model says.
 */
function matcher(known: readonly string[]): (cell: string) => string | undefined {
  const exact = new Map(known.map((label) => [label, label]));
  const trimmed = new Map(known.map((label) => [label.trim(), label]));
  const numbers = new Map(known.map((label) => [plain(label), label]));
  return (cell) => exact.get(cell) ?? trimmed.get(cell.trim()) ?? numbers.get(plain(cell));
}

function quoted(labels: readonly string[]): string {
  return labels.map((label) => `"${label}"`).join(", ");
}

/** Finds the labels of the classes; refuses data with classes that the model does not have. */
export function classLabels({ model, data, graph, option, rows }: LabelSources): ClassLabels {
  const seen = [...new Set(rows.map(plain))];
  const cells = [...new Set(rows)];
  const unwritable = seen.find((label) => /[",\r\n]/.test(label));
  if (unwritable !== undefined) {
    throw new Refusal(
      `${data}: the class "${unwritable}" holds a comma, a quote or a line break, which a class name cannot`,
    );
  }
  const outside = (known: readonly string[]) => {
    const match = matcher(known);
    return cells.filter((cell) => match(cell) === undefined).map(plain);
  };
  const labelled = (labels: readonly string[], from: ClassLabels["from"]): ClassLabels => {
    const match = matcher(labels);
    return { labels, from, labelOf: (cell) => match(cell) ?? cell };
  };
  if (option !== undefined) {
    const missing = outside(option);
    if (missing.length === 0) return labelled(option, "option");
    throw new Refusal(`--classes leaves out ${quoted(missing)}, which ${data} has`);
  }
  if (graph !== undefined && outside(graph).length === 0) return labelled(graph, "model");
  // Numbers are what a label encoder made of names, in their sorted order.
  const encoded = graph?.every((label, index) => label === String(index)) ?? true;
  if (!encoded) {
    throw new Refusal(
      `${data}: the classes ${quoted(outside(graph ?? []))} are not among the model's, ${quoted(graph ?? [])} (${model})`,
    );
  }
  return labelled(sortedLabels(seen), "sorted");
}

/** Refuses a count of classes that the data cannot have named. */
export function requireClassCount(
  count: number,
  { labels, from }: ClassLabels,
  data: string,
): void {
  if (labels.length === count) return;
  throw new Refusal(
    from === "sorted"
      ? `${data}: has ${labels.length} classes (${quoted(labels)}), the model ${count}; name all of them in the model's order with --classes`
      : `the model has ${count} probabilities a row, but ${labels.length} classes are named: ${quoted(labels)}`,
  );
}
