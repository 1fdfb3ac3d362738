import * as fc from "fast-check";
import { expect, test } from "vitest";
import { chunksOf, pieces, realModel } from "../../test/scored-file.ts";
import { FEATURES, jsonFile, table, written, writtenLines } from "../../test/generated-tables.ts";

// What was sent comes back byte for byte, with the results behind each row. `FIDELITY_TABLES` sets how many tables are tried.

const forest = await realModel("iris-forest");

const TABLES = Number(process.env["FIDELITY_TABLES"] ?? 200);

/** Columns of the results: class, label, confidence, three probabilities and the error. */
const RESULTS = 7;

test(
  `${TABLES} tables come back with their own bytes`,
  { timeout: 400_000 + TABLES * 20 },
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

test(
  `${TABLES} files of JSON lines come back with their own bytes`,
  { timeout: 400_000 + TABLES * 20 },
  async () => {
    const file = fc.record({
      file: jsonFile,
      piece: fc.integer({ min: 1, max: 200 }),
      chunkRows: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(file, async ({ file, piece, chunkRows }) => {
        const lines = writtenLines(file);
        const { charset } = file;
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
