import { faultText } from "@sepal/schema/files/scored-rows";
import { describe, expect, test } from "vitest";
import { chunksOf, pieces, realModel, scored } from "../../test/scored-file.ts";
import { isNumber } from "@sepal/schema/files/csv-cells";
import { blockScorer } from "./score-block.ts";
import { scoreFile } from "./score-file.ts";

// Files that are made to take time, memory or disk: what they may cost is in proportion to their bytes.

const forest = await realModel("iris-forest");

const HEAD = "sepal_length,sepal_width,petal_length,petal_width";
const GOOD = "5.1,3.5,1.4,0.2\n";
const MIB = 2 ** 20;

/** Scores a file until it ends or fails; gives the bytes of its result and why it failed. */
async function outcome(text: string, format: "csv" | "ndjson" = "csv") {
  const { contract } = forest;
  let bytes = 0;
  const options = { format, contract, score: blockScorer(forest) };
  try {
    for await (const { output } of scoreFile(pieces(text, 65_536), options)) bytes += output.length;
    return { bytes, reason: undefined };
  } catch (error) {
    return { bytes, reason: error instanceof Error ? error.message : String(error) };
  }
}

describe("columns", () => {
  const wide = (columns: number) => `${HEAD}${",c".repeat(columns - 4)}\n${GOOD}`;

  test("of more than 2,000 fail before anything is given, and the message names the setting", async () => {
    expect(await outcome(`${HEAD}${",".repeat(100_000)}\n${GOOD.repeat(300)}`)).toEqual({
      bytes: 0,
      reason: "The header has 100004 columns; at most 2000 are allowed (MAX_COLUMNS)",
    });
    expect((await outcome(wide(2000))).reason).toBe(undefined);
    expect((await outcome(wide(2001))).reason).toContain("2001 columns");
  });

  test("may be as many as the caller says", async () => {
    await expect(scored(wide(11), forest, { maxColumns: 10 })).rejects.toThrow("at most 10 are");
    expect(await scored(wide(11), forest, { maxColumns: 11 })).toContain(",0,setosa,1,1,0,0,\n");
  });

  test("of a wide file are few rows a block", async () => {
    const row = `5.1,3.5,1.4,0.2${",".repeat(1996)}\n`;
    const chunks = await chunksOf(
      pieces(`${HEAD}${",c".repeat(1996)}\n${row.repeat(200)}`, 65_536),
      forest,
    );
    expect(Math.max(...chunks.map(({ rows }) => rows))).toBeLessThanOrEqual(50);
  });
});

describe("a result stays in proportion to its file", () => {
  test.each<[string, string, "csv" | "ndjson", string]>([
    [
      "bad CSV rows of a byte",
      `${HEAD}\n${"x\n".repeat(MIB / 2)}`,
      "csv",
      "every row has an error",
    ],
    ["bad JSON lines of a byte", "x\n".repeat(MIB / 2), "ndjson", "every row has an error"],
    [
      "short rows under a wide header",
      `${HEAD}${",c".repeat(1996)}\n${GOOD.repeat(60_000)}`,
      "csv",
      "much shorter than its header",
    ],
  ])("of %s", async (_what, text, format, why) => {
    const { bytes, reason } = await outcome(text, format);
    expect(reason).toContain(why);
    expect(bytes).toBeLessThan(32 * text.length + 4 * MIB);
    // It fails early, not only when all of that is used.
    expect(bytes).toBeLessThan(12 * MIB);
  });

  test("when every row of an ordinary file is bad", async () => {
    expect(await outcome(`${HEAD}\n${"5.1,-3.5,1.4,0.2\n".repeat(20_000)}`)).toMatchObject({
      reason: undefined,
    });
    const line = '{"features":[5.1,-3.5,1.4,0.2]}\n';
    expect(await outcome(line.repeat(20_000), "ndjson")).toMatchObject({ reason: undefined });
  });

  test("when the strict check reads it, too", async () => {
    const text = `${HEAD}${",c".repeat(1996)}\n${GOOD.repeat(2000)}`;
    await expect(scored(text, forest, { strict: true })).rejects.toThrow("shorter than its header");
  });
});

test("the error of a row names twenty faults and the number of the others", () => {
  const faults = Array.from({ length: 1000 }, (_, index) => ({
    column: `c${index}`,
    type: "missing",
    msg: "Field required",
    input: null,
  }));
  const text = faultText(1, faults);
  expect(text).toMatch(
    /^row 1: column c0: Field required \(missing\); .*column c19: .*; and 980 more$/,
  );
  expect(faultText(1, faults.slice(0, 20))).not.toContain("more");
});

test("a cell of 200,000 digits and a letter is no number, and that takes no CPU time", () => {
  const began = process.cpuUsage();
  expect(isNumber(`${"1".repeat(200_000)}x`)).toBe(false);
  expect(isNumber(`1.${"1".repeat(200_000)}x`)).toBe(false);
  expect(process.cpuUsage(began).user / 1e6).toBeLessThan(5);
});

describe("a JSON line", () => {
  const keys = (count: number) =>
    Array.from({ length: count }, (_, key) => `"k${key}":1`).join(",");
  const line = (more: string) => `{"features":[5.1,3.5,1.4,0.2],${more}}\n`;

  test.each([
    ["keys", line(keys(90_000))],
    ["nested keys", line(`"more":{${keys(90_000)}}`)],
    ["nested lists", line(`"class":1,"x":${"[".repeat(500_000)}${"]".repeat(500_000)}`)],
  ])("of too many %s has an error; the others are scored", async (_what, text) => {
    const result = await scored(line('"id":1') + text, forest, { format: "ndjson" });
    const [good = "", bad = ""] = result.split("\n");
    expect(JSON.parse(good)).toMatchObject({ id: 1, label: "setosa" });
    expect(JSON.parse(bad).error).toBe(
      "row 2: The line has more than 2000 keys, objects and lists (MAX_COLUMNS) (too_long)",
    );
  });

  test("may hold colons and brackets in its texts", async () => {
    const text = line(`"note":"${":{[".repeat(5000)}"`);
    expect(JSON.parse(await scored(text, forest, { format: "ndjson" }))).toMatchObject({
      error: null,
    });
  });
});

describe("a beginning without a header", () => {
  test("ends the file after two megabytes of blank lines", async () => {
    let read = 0;
    async function* blanks() {
      for (; read < 64 * MIB; read += 65_536) yield Buffer.alloc(65_536, "\n");
    }
    await expect(chunksOf(blanks(), forest)).rejects.toThrow("The header is longer than");
    expect(read).toBeLessThan(8 * MIB);
  });

  test("that comes byte by byte is not copied for each byte", async () => {
    const text = `${HEAD},"${"x".repeat(300_000)}`;
    const began = process.cpuUsage();
    await expect(scored(text, forest, { piece: 1 })).resolves.toContain("sepal_length");
    // 45 GB would be copied.
    expect(process.cpuUsage(began).user / 1e6).toBeLessThan(10);
  });
});
