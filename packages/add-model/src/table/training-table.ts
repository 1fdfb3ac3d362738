import Papa from "papaparse";
import { Refusal } from "../refusal.ts";
import { columnName, type ColumnName } from "@sepal/schema/headings";

/** What a manifest says of a feature's values. */
export interface ColumnStatistics {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Of the population. */
  readonly std: number;
  readonly quantiles: Readonly<Record<string, number>>;
}

const QUANTILES = ["0.01", "0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95", "0.99"];

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

/** The value below which a share of sorted values lies, between two of them where it falls so. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Ranges, mean, spread and quantiles of a column, to six digits. */
export function describeColumn(values: readonly number[]): ColumnStatistics {
  const sorted = values.toSorted((a, b) => a - b);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return {
    min: rounded(quantile(sorted, 0)),
    max: rounded(quantile(sorted, 1)),
    mean: rounded(mean),
    std: rounded(Math.sqrt(variance)),
    quantiles: Object.fromEntries(
      QUANTILES.map((share) => [share, rounded(quantile(sorted, Number(share)))]),
    ),
  };
}

/** A feature's column and what its heading was. */
interface FeatureColumn extends ColumnName {
  readonly heading: string;
}

/** A labelled table: `rows` is `[n, features]`, `labels` is `[n]`. */
export interface TrainingTable {
  readonly features: readonly FeatureColumn[];
  readonly labelColumn: string;
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly string[];
}

interface TableOptions {
  readonly path: string;
  /** Heading of the column with the classes; guessed when absent. */
  readonly labelColumn?: string | undefined;
  /** Headings of columns that are no features. */
  readonly drop: readonly string[];
}

const LABEL_NAMES = /^(?:class|label|target|species|y|variety|outcome|category)$/i;

/** Most cells that a refusal lists. */
const SHOWN = 5;

function readCells(path: string, text: string): string[][] {
  const { data, errors } = Papa.parse<string[]>(text, { skipEmptyLines: "greedy" });
  const fault = errors.find(({ type }) => type === "Quotes");
  if (fault !== undefined) throw new Refusal(`${path} row ${fault.row ?? 0}: ${fault.message}`);
  return data;
}

function findLabel({ path, labelColumn }: TableOptions, headings: readonly string[]): number {
  if (labelColumn !== undefined) {
    const index = headings.indexOf(labelColumn);
    if (index !== -1) return index;
    throw new Refusal(
      `${path}: there is no column "${labelColumn}"; it has ${headings.join(", ")}`,
    );
  }
  const named = headings.findIndex((heading) => LABEL_NAMES.test(heading));
  return named === -1 ? headings.length - 1 : named;
}

/** The number a cell holds, or what is wrong with it. */
function readNumber(cell: string): number | string {
  const text = cell.trim();
  if (text === "") return "is empty";
  const value = Number(text);
  if (Number.isFinite(Math.fround(value)) && !/^[+-]?0[xob]/i.test(text)) return value;
  return `holds "${text.slice(0, 40)}"`;
}

function requireNames(path: string, features: readonly FeatureColumn[]): void {
  for (const [index, { name, heading }] of features.entries()) {
    if (name === "")
      throw new Refusal(
        `${path}: column ${index + 1}, "${heading}", has no name that can be written in a-z, 0-9 and _`,
      );
    const twin = features.findIndex((other) => other.name === name);
    if (twin !== index) {
      throw new Refusal(
        `${path}: columns "${features[twin]?.heading}" and "${heading}" are both ${name}`,
      );
    }
  }
}

/** Reads a CSV file with a header; refuses it with the places of what is no finite number. */
export function readTable(text: string, options: TableOptions): TrainingTable {
  const { path, drop } = options;
  const [header = [], ...records] = readCells(path, text);
  const headings = header.map((heading) => heading.trim());
  if (headings.length < 2 || records.length === 0) {
    throw new Refusal(
      `${path}: needs a header, at least one feature, a column of classes, and rows`,
    );
  }
  for (const heading of drop) {
    if (!headings.includes(heading)) {
      throw new Refusal(
        `${path}: there is no column "${heading}" to leave out; it has ${headings.join(", ")}`,
      );
    }
  }
  const label = findLabel(options, headings);
  const columns = headings.flatMap((heading, index) =>
    index === label || drop.includes(heading) ? [] : [{ ...columnName(heading), heading, index }],
  );
  requireNames(path, columns);
  const faults: string[] = [];
  const rows = records.map((record, row) =>
    columns.map(({ heading, index }) => {
      const value = readNumber(record[index] ?? "");
      if (typeof value === "number") return value;
      faults.push(`row ${row + 1}, column "${heading}", ${value}`);
      return Number.NaN;
    }),
  );
  const labels = records.map((record, row) => {
    const value = record[label] ?? "";
    if (value.trim() === "") faults.push(`row ${row + 1}, column "${headings[label]}", is empty`);
    return value;
  });
  if (faults.length > 0) {
    const more = faults.length > SHOWN ? ` and ${faults.length - SHOWN} more` : "";
    throw new Refusal(
      `${path}: ${faults.slice(0, SHOWN).join("; ")}${more}. A feature is a finite number in every row, a class a text; fill or remove these rows, or leave a column out with --drop`,
    );
  }
  const features = columns.map(({ name, label: shown, unit, heading }) => ({
    name,
    label: shown,
    unit,
    heading,
  }));
  return { features, labelColumn: headings[label] ?? "", rows, labels };
}
