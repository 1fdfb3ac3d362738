import * as fc from "fast-check";
import { expect, test } from "vitest";
import { chunksOf, pieces, realModel } from "../../test/scored-file.ts";
import { encode } from "./charset.ts";

// What was sent comes back byte for byte, with the results behind each row. `FIDELITY_TABLES` sets how many tables are tried.

const forest = await realModel("iris-forest");

const TABLES = Number(process.env["FIDELITY_TABLES"] ?? 500);

/** Columns of the results: class, label, confidence, three probabilities and the error. */
const RESULTS = 7;

const FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"];

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

const table = fc.record({
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

function written({ dialect: { delimiter, charset, comma, quotesAll, mark }, ...given }: Table) {
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

test(
  `${TABLES} tables come back with their own bytes`,
  { timeout: 60_000 + TABLES * 20 },
  async () => {
    await fc.assert(
      fc.asyncProperty(table, async (given) => {
        const { delimiter, charset } = given.dialect;
        const { begin, lines, bytes } = written(given);
        const options = { charset, chunkRows: given.chunkRows } as const;
        const chunks = await chunksOf(pieces(bytes, given.piece), forest, options);
        const result = Buffer.concat(chunks.map(({ output }) => output)).toString("latin1");
        expect(result.startsWith(begin)).toBe(true);
        const separator = delimiter === "|" ? "\\|" : delimiter;
        const results = new RegExp(
          `(?:${separator}(?:"(?:[^"]|"")*"|[^"\\r\\n${separator}]*)){${RESULTS}}`,
          "y",
        );
        let position = begin.length;
        const takes = (part: string) => {
          expect(result.slice(position, position + part.length)).toBe(part);
          position += part.length;
        };
        for (const { record, cells, gap } of lines) {
          takes(record);
          takes(delimiter.repeat(Math.max(0, 2 * FEATURES.length - cells)));
          results.lastIndex = position;
          const [found = "no results"] = results.exec(result) ?? [];
          takes(found);
          takes(gap);
        }
        expect(position).toBe(result.length);
      }),
      { numRuns: TABLES },
    );
  },
);

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

test(
  `${TABLES} files of JSON lines come back with their own bytes`,
  { timeout: 60_000 + TABLES * 20 },
  async () => {
    const file = fc.record({
      objects: fc.array(object, { minLength: 1, maxLength: 10 }),
      charset: fc.constantFrom("utf-8", "windows-1252"),
      piece: fc.integer({ min: 1, max: 200 }),
      chunkRows: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(file, async ({ objects, charset, piece, chunkRows }) => {
        const lines = objects.map(({ before, features, after, space, gap }) => {
          const entries = [...before, ...after].map(
            ([key, of]) => `${JSON.stringify(key)}${space}:${of}`,
          );
          const all = [
            ...entries.slice(0, before.length),
            features,
            ...entries.slice(before.length),
          ];
          const inside = all.filter((part) => part !== "").join(`${space},`);
          return {
            head: encode(`${space}{${space}${inside}${space}`, charset),
            tail: `}${space}`,
            gap,
          };
        });
        const bytes = Buffer.from(
          lines.map(({ head, tail, gap }) => head + tail + gap).join(""),
          "latin1",
        );
        const options = { format: "ndjson", charset, chunkRows } as const;
        const chunks = await chunksOf(pieces(bytes, piece), forest, options);
        const result = Buffer.concat(chunks.map(({ output }) => output)).toString("latin1");
        let rest = result;
        for (const { head, tail, gap } of lines) {
          expect(rest.slice(0, head.length)).toBe(head);
          const end = rest.indexOf(`${tail}${gap}`, head.length);
          const added = rest.slice(head.length, end);
          expect(added).toMatch(
            /^,?"class(_\d)?":(\d|null),"label(_\d)?":.*"error(_\d)?":(null|".*")$/,
          );
          const parsed = JSON.parse(rest.slice(0, end) + tail);
          const own = Object.keys(JSON.parse(head + tail));
          const results = Object.keys(parsed).filter((key) => !own.includes(key));
          expect(results).toHaveLength(RESULTS);
          rest = rest.slice(end + tail.length + gap.length);
        }
        expect(rest).toBe("");
      }),
      { numRuns: TABLES },
    );
  },
);
