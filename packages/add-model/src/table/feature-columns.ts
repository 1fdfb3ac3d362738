import { MISSING_CELLS } from "@sepal/schema/define-contract";
import { MAX_INTEGER } from "@sepal/schema/float32";
import { columnName, type ColumnName } from "@sepal/schema/headings";
import { Refusal } from "../refusal.ts";
import { columnCells, quoted, type CsvTable } from "./csv-table.ts";

/** What a column holds. */
type ColumnKind = "number" | "integer" | "boolean" | "category" | "text";

/** A feature's column of a table. */
export interface FeatureColumn extends ColumnName {
  readonly heading: string;
  readonly kind: ColumnKind;
  /** Texts of a category in the order of their codes, or of a text, by row; empty for other kinds. */
  readonly values: readonly string[];
  /** Whether a cell is missing. */
  readonly nullable: boolean;
  /** Whether the model takes the codes of a category, not its texts. */
  readonly coded: boolean;
  /** The row's number in messages, of the first missing cell; 0 where none is. */
  readonly firstMissing: number;
}

/** What is known of a column beside its cells. */
interface ColumnUse {
  /** Type of the input that takes it, in ONNX Runtime's words. */
  readonly datatype: string;
  /** Texts that the model compares with. */
  readonly known: ReadonlySet<string>;
  /** Texts in the order of their codes, as `--codes` gives them. */
  readonly codes: readonly string[] | undefined;
  /** Whether the model takes texts as they stand. */
  readonly isText: boolean;
}

/** Spellings of a missing cell beside the empty one, where the model knows none of them as a category. */
const MISSING = new Set(MISSING_CELLS);

/** Most cells that a refusal lists. */
const SHOWN = 5;

/** The number that a cell holds; `undefined` where it is none that a float32 can be near. */
export function readNumber(cell: string): number | undefined {
  const text = cell.trim();
  if (text === "" || /^[+-]?0[xob]/i.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(Math.fround(value)) ? value : undefined;
}

const BOOLEANS: Readonly<Record<string, number>> = { true: 1, false: 0, "1": 1, "0": 0 };

function readBoolean(cell: string): number | undefined {
  const text = cell.trim().toLowerCase();
  return Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : undefined;
}

/** The cells of a column as the normal form has them: codes, 0 and 1, NaN for what is missing. */
interface ReadColumn {
  readonly column: FeatureColumn;
  readonly values: readonly number[];
}

interface Cells {
  readonly table: CsvTable;
  readonly heading: string;
  readonly all: readonly string[];
  readonly isMissing: (cell: string) => boolean;
}

/** Reads every cell that is not missing; refuses the first few that cannot be, with their rows. */
function readAll(
  { table, heading, all, isMissing }: Cells,
  read: (cell: string) => number | undefined,
  rule: string,
): number[] {
  const faults: string[] = [];
  const values = all.map((cell, row) => {
    if (isMissing(cell)) return Number.NaN;
    const value = read(cell);
    if (value === undefined)
      faults.push(`row ${row + 1}, column "${heading}", holds "${cell.trim().slice(0, 40)}"`);
    return value ?? Number.NaN;
  });
  if (faults.length > 0) {
    const more = faults.length > SHOWN ? ` and ${faults.length - SHOWN} more` : "";
    throw new Refusal(
      `${table.path}: ${faults.slice(0, SHOWN).join("; ")}${more}. ${rule}; mend or remove these rows, or leave a column out with --drop`,
    );
  }
  return values;
}

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const ROUND = "A feature of numbers is a finite number in every row, or missing";

function readCategory(cells: Cells, codes: readonly string[] | undefined) {
  const { all, isMissing } = cells;
  const found = [...new Set(all.filter((cell) => !isMissing(cell)))].toSorted(byCodePoint);
  const texts = codes ?? found;
  const index = new Map(texts.map((text, code) => [text, code]));
  const rule = `--codes names ${quoted(texts)} alone`;
  return {
    kind: "category" as const,
    texts,
    values: readAll(cells, (cell) => index.get(cell), rule),
  };
}

function readWhole(cells: Cells) {
  const whole = (cell: string) => {
    const value = readNumber(cell);
    return Number.isInteger(value) && Math.abs(value ?? 0) <= MAX_INTEGER ? value : undefined;
  };
  const rule = `The model takes whole numbers here, which are exact up to ${MAX_INTEGER} either way`;
  return { kind: "integer" as const, texts: [], values: readAll(cells, whole, rule) };
}

function readValues(cells: Cells, { datatype, codes }: ColumnUse) {
  const { all, isMissing } = cells;
  const present = all.filter((cell) => !isMissing(cell));
  const none = (read: (cell: string) => number | undefined) =>
    present.length > 0 && present.every((cell) => read(cell) === undefined);
  if (datatype === "BYTES" || codes !== undefined) return readCategory(cells, codes);
  const isBoolean = present.length > 0 && present.every((cell) => readBoolean(cell) !== undefined);
  const asBoolean = isBoolean && (datatype === "bool" || none(readNumber));
  if (datatype === "bool" || asBoolean) {
    const rule = "The model takes true and false here, or 1 and 0";
    return { kind: "boolean" as const, texts: [], values: readAll(cells, readBoolean, rule) };
  }
  if (none(readNumber) && none((cell) => Number(cell) || undefined))
    return readCategory(cells, codes);
  if (datatype === "INT64" || datatype === "int32") return readWhole(cells);
  return { kind: "number" as const, texts: [], values: readAll(cells, readNumber, ROUND) };
}

/** Longest name of a feature. */
const MAX_NAME = 63;

/** A heading as a feature is called; `column_3` where nothing of it can be written in a-z, 0-9 and _. */
function featureName(heading: string, place: number): ColumnName {
  const read = columnName(heading);
  const name = (read.name || `column_${place + 1}`).slice(0, MAX_NAME);
  return { ...read, name: name === "constructor" ? `${name}_` : name };
}

/** Reads a column of texts as they stand: the value of a row is its place. */
function readTexts(table: CsvTable, place: number): ReadColumn {
  const heading = table.headings[place] ?? "";
  const texts = columnCells(table, place);
  const empty = texts.findIndex((text) => text.trim() === "");
  if (empty !== -1) {
    throw new Refusal(
      `${table.path}: row ${empty + 1}, column "${heading}", is empty, but the model takes a text there; fill or remove these rows`,
    );
  }
  return {
    column: {
      ...featureName(heading, place),
      heading,
      kind: "text",
      values: texts,
      nullable: false,
      coded: false,
      firstMissing: 0,
    },
    values: texts.map((_, row) => row),
  };
}

/** Reads a column as the model takes it; refuses cells that it cannot, with their rows. */
export function readColumn(table: CsvTable, place: number, use: ColumnUse): ReadColumn {
  if (use.isText) return readTexts(table, place);
  const heading = table.headings[place] ?? "";
  const name = featureName(heading, place);
  const isMissing = (cell: string) =>
    cell.trim() === "" || (MISSING.has(cell.trim()) && !use.known.has(cell));
  const cells = { table, heading, all: columnCells(table, place), isMissing };
  const { kind, texts, values } = readValues(cells, use);
  const firstMissing = cells.all.findIndex(isMissing) + 1;
  if (
    firstMissing > 0 &&
    use.datatype !== "FP32" &&
    use.datatype !== "float64" &&
    kind !== "category"
  ) {
    throw new Refusal(
      `${table.path}: row ${firstMissing}, column "${heading}", is empty, but the model takes ${use.datatype} there, in which nothing can be missing; fill or remove these rows, or leave the column out with --drop`,
    );
  }
  if (cells.all.every(isMissing)) {
    throw new Refusal(
      `${table.path}: column "${heading}" is empty in every row, so that nothing is known of it; fill it, or leave it out with --drop`,
    );
  }
  const nullable = firstMissing > 0;
  const coded = kind === "category" && use.datatype !== "BYTES";
  return {
    column: { ...name, heading, kind, values: texts, nullable, coded, firstMissing },
    values,
  };
}

/** Refuses headings that become the same name. */
export function requireDifferentNames(path: string, columns: readonly FeatureColumn[]): void {
  const first = new Map<string, string>();
  for (const { name, heading } of columns) {
    const twin = first.get(name);
    if (twin !== undefined) {
      throw new Refusal(`${path}: columns "${twin}" and "${heading}" are both ${name}`);
    }
    first.set(name, heading);
  }
}

/** What the model takes for a missing text: what it compares with and the columns do not hold, `""` and `nan` before others. */
export function missingText(known: ReadonlySet<string>, columns: readonly FeatureColumn[]): string {
  const held = new Set(columns.flatMap(({ values }) => values));
  const others = [...known].filter((text) => !held.has(text));
  const usual = ["", "nan", "NaN", "None", "NA", "null"].find((text) => others.includes(text));
  const [only] = others.length === 1 ? others : [];
  return usual ?? only ?? "";
}
