import * as fc from "fast-check";
import { encode } from "@sepal/schema/files/charset";
import type { Charset } from "@sepal/schema/predict-file";

// Files of every dialect, as programs and people write them, for `fidelity.test.ts` here and in apps/web.

/** Headings of the features. */
export const FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"];

/** Headings of further columns: those of results, keys, quotes, formulas and characters of both charsets. */
const OTHERS = [
  "id",
  "label",
  "class",
  "class_2",
  "error",
  "proba_setosa",
  "=x",
  "naïve €",
  "a b",
  '"q""x"',
  "",
];

const text = fc.oneof(
  fc.constantFrom("=1+1", "@a", "-1", "007", "1,5", "9007199254740993", "", " ", "null", "'x"),
  fc.string({
    unit: fc.constantFrom("a", " ", "é", "€", '"', "'", "\t", ",", ";", "|", "\n", "\r"),
    maxLength: 6,
  }),
);

const dialect = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t", "|"),
  charset: fc.constantFrom("utf-8", "windows-1252"),
  mark: fc.boolean(),
  comma: fc.boolean(),
  quotesAll: fc.boolean(),
});

const row = fc.record({
  features: fc.array(fc.constantFrom("5.1", "0.25", "6", "1e-1", "-3", "x", "", "nan"), {
    minLength: 4,
    maxLength: 4,
  }),
  others: fc.array(text, { minLength: 4, maxLength: 4 }),
  /** Cells more than the header has, or fewer. */
  extra: fc.constantFrom(0, 0, 0, 0, 2, -1, -3),
  blank: fc.constantFrom("", "", "", "\n", "\r\n \r\n"),
  end: fc.constantFrom("\n", "\r\n", "\r"),
});

/** A CSV table and how it is written. */
export const table = fc.record({
  dialect,
  headings: fc.shuffledSubarray(OTHERS, { minLength: 4, maxLength: 4 }),
  shouts: fc.boolean(),
  rows: fc.array(row, { maxLength: 12 }),
  end: fc.constantFrom("\n", "\r\n", "\r"),
  last: fc.boolean(),
  piece: fc.integer({ min: 1, max: 300 }),
  chunkRows: fc.integer({ min: 1, max: 5 }),
});

/** Bytes of the input as one character each: a line, and what stands behind it. */
interface Line {
  readonly record: string;
  readonly cells: number;
  readonly gap: string;
}

type Table = typeof table extends fc.Arbitrary<infer T> ? T : never;

/** The bytes of a table, whole and line by line. */
export function written({
  dialect: { delimiter, charset, comma, quotesAll, mark },
  ...given
}: Table) {
  const cell = (value: string) => {
    const special = value.includes(delimiter) || /["\r\n]/.test(value);
    return special || quotesAll ? `"${value.replaceAll('"', '""')}"` : value;
  };
  const number = (value: string) => (comma && delimiter !== "," ? value.replace(".", ",") : value);
  const features = FEATURES.map((name) =>
    given.shouts ? name.toUpperCase().replace("_", " ") : name,
  );
  // Features between the others, so that both are in the middle and at an end.
  const mixed = (others: readonly string[], values: readonly string[]) =>
    values.flatMap((value, index) => [others[index] ?? "", value]);
  const line = (cells: readonly string[], gap: string): Line => ({
    record: encode(cells.map(cell).join(delimiter), charset),
    cells: cells.length,
    gap,
  });
  const lines = [line(mixed(given.headings, features), given.end)];
  for (const { features: values, others, extra, blank, end } of given.rows) {
    const cells = mixed(others, values.map(number));
    const cut = extra < 0 ? cells.slice(0, extra) : [...cells, ...Array(extra).fill("z")];
    lines.push(line(cut, end + blank));
  }
  const { record = "", cells = 0, gap = "" } = lines.at(-1) ?? {};
  lines[lines.length - 1] = { record, cells, gap: given.last ? gap : "" };
  const begin = mark && charset === "utf-8" ? "\u00ef\u00bb\u00bf" : "";
  return {
    begin,
    lines,
    bytes: Buffer.from(begin + lines.map((each) => each.record + each.gap).join(""), "latin1"),
  };
}

const value = fc.oneof(
  fc.constantFrom("9007199254740993", "1e400", "-0", "0.10", "null", '"\\u0041"', "[ 1 ]", "{}"),
  fc
    .string({ unit: fc.constantFrom("a", "é", "€", " "), maxLength: 4 })
    .map((each) => JSON.stringify(each)),
);

const entry = fc.tuple(
  fc.constantFrom("id", "label", "class", "error", "error_2", "input", "é", "__proto__", "a b"),
  value,
);

const object = fc.record({
  before: fc.array(entry, { maxLength: 3 }),
  features: fc.constantFrom(
    '"features":[5.1,3.5,1.4,0.2]',
    '"features" : [1,2,3,"x"]',
    '"features":[]',
    "",
  ),
  after: fc.array(entry, { maxLength: 3 }),
  space: fc.constantFrom("", " ", "\t"),
  gap: fc.constantFrom("\n", "\r\n", "\n\n", "\n \n"),
});

/** A file of JSON lines. */
export const jsonFile = fc.record({
  objects: fc.array(object, { minLength: 1, maxLength: 10 }),
  charset: fc.constantFrom("utf-8", "windows-1252"),
});

type JsonFile = typeof jsonFile extends fc.Arbitrary<infer T> ? T : never;

/** The lines of such a file; the results stand between head and tail. */
export function writtenLines({ objects, charset }: JsonFile) {
  return objects.map(({ before, features, after, space, gap }) => {
    const entries = [...before, ...after].map(
      ([key, of]) => `${JSON.stringify(key)}${space}:${of}`,
    );
    const all = [...entries.slice(0, before.length), features, ...entries.slice(before.length)];
    const inside = all.filter((part) => part !== "").join(`${space},`);
    return {
      head: encode(`${space}{${space}${inside}${space}`, charset),
      tail: `}${space}`,
      gap,
    };
  });
}

/** A file as it is sent. */
export interface GeneratedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly charset: Charset;
  readonly format: "csv" | "ndjson";
}

const generatedFile = fc.oneof(
  table
    .filter(({ rows }) => rows.length > 0)
    .map((given): GeneratedFile => {
      const { charset } = given.dialect;
      return { bytes: new Uint8Array(written(given).bytes), charset, format: "csv" };
    }),
  // Where no object has features, the playground asks for columns instead.
  jsonFile
    .filter(({ objects }) => objects.some(({ features }) => features !== ""))
    .map((given): GeneratedFile => {
      const text = writtenLines(given)
        .map(({ head, tail, gap }) => head + tail + gap)
        .join("");
      const bytes = new Uint8Array(Buffer.from(text, "latin1"));
      return { bytes, charset: given.charset, format: "ndjson" };
    }),
);

/** Tries a property of so many files; a failure shows the smallest file that has it. */
export async function tryFiles(
  count: number,
  property: (file: GeneratedFile) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(generatedFile, property), { numRuns: count });
}
