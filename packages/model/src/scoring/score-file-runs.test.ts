import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LINES, MIXED } from "../../test/odd-files.ts";
import { chunksOf, pieces, realModel, scored } from "../../test/scored-file.ts";
import { blockChecker, blockScorer, type BlockScorer } from "./score-block.ts";

const forest = await realModel("iris-forest");
const logistic = await realModel("iris-logistic");

const HEAD = "sepal_length,sepal_width,petal_length,petal_width";

test.each([
  ["csv", MIXED, 8, 5],
  ["ndjson", LINES, 7, 4],
] as const)("a file of %s can be checked without being scored", async (format, text, rows, bad) => {
  const score = blockChecker(forest.contract);
  const [chunk] = await chunksOf(pieces(text, 9), forest, { format, score });
  expect(chunk).toMatchObject({ rows, badRows: bad });
  const strict = chunksOf(pieces(text, 9), forest, { format, score, strict: true });
  await expect(strict).rejects.toMatchObject({ code: "invalid_input" });
});

test.each([
  ["csv", MIXED, "row 4, column sepal_width: Input should be greater than 0 (greater_than)"],
  ["ndjson", LINES, "row 3, column sepal_width: Input should be greater than 0 (greater_than)"],
] as const)("a strict run of %s fails at the first bad row", async (format, text, message) => {
  await expect(scored(text, forest, { format, strict: true })).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining(message.replace(", ", ": ")),
  });
});

describe.each([
  ["csv", MIXED],
  ["ndjson", LINES],
] as const)("a %s file", (format, text) => {
  test("gives the same however it is cut", async () => {
    const whole = await scored(text, logistic, { format });
    const sizes = fc.record({
      piece: fc.integer({ min: 1, max: 200 }),
      chunkRows: fc.integer({ min: 1, max: 10 }),
      ahead: fc.integer({ min: 1, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async (cut) => {
        expect(await scored(text, logistic, { format, ...cut })).toBe(whole);
      }),
      { numRuns: 50 },
    );
  });

  test("goes on from every chunk as if it had never ended", async () => {
    const options = { format, chunkRows: 2 };
    const chunks = await chunksOf(pieces(text, 7), logistic, options);
    expect(chunks.length).toBeGreaterThan(2);
    const bytes = Buffer.from(text);
    for (const [index, { state }] of chunks.entries()) {
      const resume = JSON.parse(JSON.stringify(state));
      const rest = bytes.subarray(state.inputBytes);
      const went = await chunksOf(pieces(rest, 11), logistic, { ...options, resume });
      expect(went).toEqual(chunks.slice(index + 1));
    }
  });
});

test("a chunk says how far the file is read and what was bad in it", async () => {
  const chunks = await chunksOf(pieces(LINES, 50), forest, { format: "ndjson", chunkRows: 3 });
  expect(chunks.map(({ rows, badRows }) => [rows, badRows])).toEqual([
    [3, 1],
    [3, 3],
    [1, 0],
  ]);
  const bytes = Buffer.from(LINES);
  expect(chunks.map(({ inputBytes }) => bytes.toString("utf8", 0, inputBytes))).toEqual([
    LINES.slice(0, LINES.indexOf('{"id":8')),
    LINES.slice(0, LINES.indexOf('{ "fea')),
    LINES,
  ]);
});

test("a run that is cancelled ends before the next chunk", async () => {
  let chunks = 0;
  const call = { cancelled: () => chunks === 2 };
  const score: BlockScorer = (task, given) => {
    chunks += 1;
    return blockScorer(forest)(task, given);
  };
  const file = pieces(`${HEAD}\n${"5.1,3.5,1.4,0.2\n".repeat(100)}`, 100);
  const run = chunksOf(file, forest, { score, chunkRows: 10, call });
  await expect(run).rejects.toMatchObject({ code: "cancelled" });
  expect(chunks).toBe(2);
});
