import { columnName } from "@sepal/schema/headings";
import { Refusal } from "../refusal.ts";
import { columnCells, placeOfHeading, quoted, type CsvTable } from "./csv-table.ts";

/** An input of a model as far as columns are given to it. */
interface TakingInput {
  readonly name: string;
  readonly datatype: string;
  /** Columns; -1 where it takes all. */
  readonly width: number;
}

interface LayoutOptions {
  /** Path of the model, for messages. */
  readonly model: string;
  /** How the model's own tool makes another layout. */
  readonly remedy: string;
  /** Headings that `--target` names. */
  readonly targets: readonly string[];
  /** Headings of columns that are no features. */
  readonly drop: readonly string[];
  /** Whether the target is a class; else numbers. */
  readonly isClass: boolean;
  /** Labels that the model chooses from, where it has them. */
  readonly labels: readonly string[] | undefined;
  /** Numbers of a row that the model predicts; -1 where it does not say. */
  readonly predicted: number;
  /** Headings of the features in the model's order, where they are known. */
  readonly features?: readonly string[] | undefined;
  /** Whether the model gives a text's vector, with which no column is compared. */
  readonly isEmbedding?: boolean;
}

/** Which columns of a table are what, by their places in it. */
export interface Layout {
  /** Features, in the table's order. */
  readonly features: readonly number[];
  /** For each input its columns, as places in `features`. */
  readonly inputs: readonly (readonly number[])[];
  readonly targets: readonly number[];
  /** Columns that are neither. */
  readonly unwanted: readonly number[];
  /** Whether inputs and columns were put together by their names. */
  readonly byName: boolean;
}

const TARGET_NAMES = /^(?:class|label|target|species|y|variety|outcome|category)$/i;

function isNumeric(cell: string): boolean {
  return (
    cell.trim() === "" ||
    /^(?:NA|NaN|null|None|true|false)$/i.test(cell.trim()) ||
    Number.isFinite(Number(cell))
  );
}

/** Columns that may hold the class: those whose cells are the model's labels, else with as many different ones. */
function classColumns(
  table: CsvTable,
  { labels = [], predicted }: LayoutOptions,
  among: readonly number[],
): number[] {
  const plain = (text: string) => text.trim().replace(/^(-?\d+)\.0+$/, "$1");
  const known = new Set(labels.map(plain));
  const count = labels.length > 0 ? labels.length : predicted;
  const distinct = (place: number) =>
    new Set(
      columnCells(table, place)
        .map(plain)
        .filter((cell) => cell !== ""),
    );
  const exact = among.filter((place) => [...distinct(place)].every((cell) => known.has(cell)));
  if (exact.length > 0) return exact;
  return among.filter((place) => distinct(place).size === count);
}

function guessTargets(
  table: CsvTable,
  among: readonly number[],
  options: LayoutOptions,
  count: number,
): number[] {
  if (count !== 1) return among.slice(-count);
  const fit = options.isClass ? classColumns(table, options, among) : [];
  const candidates = fit.length > 0 ? fit : among;
  const named = candidates.find((place) => TARGET_NAMES.test(table.headings[place] ?? ""));
  const place = named ?? candidates.at(-1);
  return place === undefined ? [] : [place];
}

function sameName(heading: string, name: string): boolean {
  return heading === name || columnName(heading).name === columnName(name).name;
}

/** For each input the one column of its name; `undefined` where an input has none, or takes more than one column. */
function namedColumns(table: CsvTable, inputs: readonly TakingInput[], among: readonly number[]) {
  const found = inputs.map(({ name, width }) => {
    const places = among.filter((place) => sameName(table.headings[place] ?? "", name));
    return width === 1 && places.length === 1 ? places[0] : undefined;
  });
  return found;
}

/** Columns by the inputs' order, and where texts would meet an input of numbers, by what the cells hold. */
function orderedColumns(
  table: CsvTable,
  inputs: readonly TakingInput[],
  among: readonly number[],
): number[][] {
  let next = 0;
  const inOrder = inputs.map(({ width }) => {
    const own = width === -1 ? among.slice(next) : among.slice(next, next + width);
    next += own.length;
    return own;
  });
  const numeric = new Set(among.filter((place) => columnCells(table, place).every(isNumeric)));
  const isText = ({ datatype }: TakingInput) => datatype === "BYTES";
  const mixed = inputs.some(isText) && !inputs.every(isText);
  const fits = inOrder.every((places, index) =>
    places.every(
      (place) =>
        numeric.has(place) || isText(inputs[index] ?? { name: "", datatype: "", width: 0 }),
    ),
  );
  if (!mixed || fits) return inOrder;
  const texts = among.filter((place) => !numeric.has(place));
  const numbers = among.filter((place) => numeric.has(place));
  return inputs.map((input) => (isText(input) ? texts : numbers).splice(0, input.width));
}

function requireCounts(
  table: CsvTable,
  inputs: readonly TakingInput[],
  columns: readonly (readonly number[])[],
  rest: readonly number[],
  options: LayoutOptions,
  targets: readonly number[],
) {
  const short = inputs.find(({ width }, index) => width !== -1 && columns[index]?.length !== width);
  const heading = (place: number) => table.headings[place] ?? "";
  const wanted = inputs.reduce((sum, { width }) => sum + width, 0);
  const placed = new Set(columns.flat());
  if (short === undefined && rest.every((place) => placed.has(place))) return;
  const what =
    inputs.length === 1
      ? `input ${inputs[0]?.name} takes`
      : `inputs ${inputs.map(({ name, width }) => `${name} (${width})`).join(", ")} take`;
  throw new Refusal(
    `${options.model}: ${what} ${wanted} features; ${table.path} has ${rest.length} columns beside ${quoted(targets.map(heading))}: ${quoted(rest.map(heading))}. Leave out what is no feature with --drop, or name the column that is predicted with --target`,
  );
}

/** Length of all cells of a column. */
function charactersOf(table: CsvTable, place: number): number {
  return columnCells(table, place).reduce((sum, cell) => sum + cell.length, 0);
}

/** The column of the texts, and of their labels where there is one: what else a table has belongs to no vector. */
function embeddingLayout(
  table: CsvTable,
  [input]: readonly TakingInput[],
  given: readonly number[],
  free: readonly number[],
): Layout {
  const open = free.filter((place) => !given.includes(place));
  const labels = open.filter((place) => TARGET_NAMES.test(table.headings[place] ?? ""));
  const named = open.find((place) => sameName(table.headings[place] ?? "", input?.name ?? ""));
  const rest = open.filter((place) => open.length === 1 || !labels.includes(place));
  const longest = rest.toSorted((a, b) => charactersOf(table, b) - charactersOf(table, a));
  const place = named ?? longest[0] ?? -1;
  const target = [...given, ...labels].find((each) => each !== place);
  const targets = target === undefined ? [] : [target];
  return {
    features: [place],
    inputs: [[0]],
    targets,
    unwanted: table.headings
      .map((_, at) => at)
      .filter((at) => at !== place && !targets.includes(at)),
    byName: named !== undefined,
  };
}

/** Finds out which columns of a table a model takes, and which it predicts; refuses a table that does not fit, with the columns. */
export function findLayout(
  table: CsvTable,
  inputs: readonly TakingInput[],
  options: LayoutOptions,
): Layout {
  const dropped = new Set(
    options.drop.map((heading) => placeOfHeading(table, heading, " to leave out")),
  );
  const free = table.headings.map((_, place) => place).filter((place) => !dropped.has(place));
  const given = options.targets.map((heading) => placeOfHeading(table, heading, ""));
  if (options.isEmbedding === true) return embeddingLayout(table, inputs, given, free);
  const open = free.filter((place) => !given.includes(place));
  const named = namedColumns(table, inputs, open);
  const byName = named.every((place) => place !== undefined);
  const columnsOf = (): { readonly columns: number[][]; readonly targets: number[] } => {
    if (options.features !== undefined && inputs.length === 1) {
      const columns = options.features.map((heading) => placeOfHeading(table, heading, ""));
      const rest = open.filter((place) => !columns.includes(place));
      const count = options.isClass ? 1 : Math.max(1, options.predicted);
      const targets = given.length > 0 ? given : guessTargets(table, rest, options, count);
      return { columns: [columns], targets };
    }
    if (byName) {
      const columns = named.flatMap((place) => (place === undefined ? [] : [[place]]));
      const rest = open.filter((place) => !columns.flat().includes(place));
      const count = options.isClass ? 1 : Math.max(1, options.predicted);
      const targets = given.length > 0 ? given : guessTargets(table, rest, options, count);
      return { columns, targets };
    }
    const lost = inputs.filter((_, index) => named[index] === undefined).map(({ name }) => name);
    if (lost.length < inputs.length) {
      throw new Refusal(
        `${options.model}: takes ${quoted(lost)}, which ${table.path} does not have: its columns are ${quoted(table.headings)}. Name a column as the model does`,
      );
    }
    const width = inputs.some((input) => input.width === -1)
      ? -1
      : inputs.reduce((sum, input) => sum + input.width, 0);
    const left = width === -1 ? 1 : open.length - width;
    const count = options.isClass
      ? 1
      : Math.max(1, options.predicted > 0 ? options.predicted : left);
    const targets = given.length > 0 ? given : guessTargets(table, open, options, count);
    const rest = open.filter((place) => !targets.includes(place));
    const columns = orderedColumns(table, inputs, rest);
    requireCounts(table, inputs, columns, rest, options, targets);
    return { columns, targets };
  };
  const { columns, targets } = columnsOf();
  if (targets.length === 0) {
    throw new Refusal(
      `${table.path}: has no column beside the features, but the predictions are compared with one; add it, or name it with --target`,
    );
  }
  const features = columns.flat().toSorted((a, b) => a - b);
  return {
    features,
    inputs: columns.map((places) => places.map((place) => features.indexOf(place))),
    targets,
    unwanted: table.headings
      .map((_, place) => place)
      .filter((place) => !features.includes(place) && !targets.includes(place)),
    byName,
  };
}
