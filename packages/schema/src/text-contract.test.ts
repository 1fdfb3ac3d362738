import { describe, expect, test } from "vitest";
import * as z from "zod";
import { contractOfFile, contractProblem, fileOfContract } from "./contract-schema.ts";
import { defineContract, type Contract } from "./define-contract.ts";
import { blockReader, writeBlock } from "./files/block-rows.ts";
import { csvResults, ndjsonResults, writeResults } from "./files/result-form.ts";
import { compiled } from "./files/scored-rows.ts";
import { Float32Texts } from "./float32-texts.ts";
import { predictRequest } from "./predict.ts";
import { predictionReader } from "./prediction-reader.ts";
import { rowEncoder } from "./row-encoding.ts";
import { validationDetail } from "./validation-detail.ts";

const review = { type: "text", name: "review", label: "Review", max_length: 5 } as const;
const base = {
  name: "reviews",
  title: "Reviews",
  description: "What people say of films.",
  features: [review],
  examples: [{ name: "short", features: ["good"] }],
} as const;
const sentiment = defineContract({ ...base, task: "classification", classes: ["neg", "pos"] });
const vectors = defineContract({ ...base, task: "embedding", dimensions: 2 });

/** A contract with other parts. */
function changed(contract: Contract, change: object): Contract {
  return Object.assign({}, contract, change);
}

describe("a contract of texts", () => {
  test.each([sentiment, vectors])("is read from its file: $task", (contract) => {
    expect(contractProblem(contract)).toBeUndefined();
    const file = JSON.parse(JSON.stringify(fileOfContract(contract)));
    expect(fileOfContract(contractOfFile(file))).toEqual(file);
  });

  test.each<[string, object, string]>([
    [
      "another feature",
      { features: [review, { type: "number", name: "stars", label: "Stars" }] },
      "feature review is a text, so it has to be the only one; leave out stars",
    ],
    [
      "another feature before it",
      { features: [{ type: "number", name: "stars", label: "Stars" }, review] },
      "feature review is a text, so it has to be the only one; leave out stars",
    ],
    [
      "a second text",
      { features: [review, { ...review, name: "reply" }] },
      "so it has to be the only one; leave out reply",
    ],
    ["rows as lists alone", { rows: "list" }, 'leave out "rows"'],
    ["no length", { features: [{ ...review, max_length: undefined }] }, "max_length"],
    [
      "10,001 characters",
      { features: [{ ...review, max_length: 10_001 }] },
      "features.0.max_length: Input should be less than or equal to 10000",
    ],
    [
      "a missing text",
      { features: [{ ...review, nullable: true }] },
      "nullable: Extra inputs are not permitted",
    ],
    ["a long example", { examples: [{ name: "long", features: ["splendid"] }] }, "at most 5"],
  ])("rejects %s", (_what, change, message) => {
    expect(contractProblem(changed(sentiment, change))).toContain(message);
  });

  test.each([0, 1025, 1.5])("rejects %d dimensions", (dimensions) => {
    expect(contractProblem(changed(vectors, { dimensions }))).toMatch(/^dimensions: /);
  });

  test("embeds texts alone", () => {
    const features = [{ type: "number", name: "stars", label: "Stars" }];
    const examples = [{ name: "one", features: [1] }];
    expect(contractProblem(changed(vectors, { features, examples }))).toBe(
      'task "embedding" needs a feature of type "text"',
    );
  });
});

describe("the row of a text", () => {
  const schema = z.compile(predictRequest<Contract>(sentiment), { strict: true });
  const entryOf = (features: unknown) => {
    const { error } = schema.safeParse({ features });
    return error && validationDetail(error.issues, { features }).entries[0];
  };

  test.each(["good", " ok ", "\0", "😀😀😀😀😀", "مرحبا", "e\u0301e\u0301e"])("is %j", (text) => {
    for (const features of [[text], { review: text }]) {
      const parsed = schema.safeParse({ features });
      expect(parsed.error).toBeUndefined();
      expect(rowEncoder(sentiment)(Object(parsed.data).features)).toEqual([text]);
    }
  });

  test.each([
    ["", "string_too_short"],
    [" \u3000\n", "string_too_short"],
    ["splendid", "string_too_long"],
    ["😀😀😀😀😀😀", "string_too_long"],
    ["\uD800", "string_unicode"],
    ["a\uDC00b", "string_unicode"],
    [null, "string_type"],
    [1, "string_type"],
    [["good"], "string_type"],
  ])("is not %j", (text, type) => {
    expect(entryOf([text])).toMatchObject({ type, loc: ["body", "features", 0], input: text });
    expect(entryOf({ review: text })).toMatchObject({ type, loc: ["body", "features", "review"] });
  });

  test.each([[{}, "missing"]])("is not %j", (features, type) => {
    expect(entryOf(features)).toMatchObject({ type, loc: ["body", "features", "review"] });
  });
});

describe("a file of texts", () => {
  const FORM = { delimiter: ",", decimal: ".", charset: "utf-8", spreadsheet: false } as const;

  test("keeps blanks, and reads NA as a text", () => {
    const bytes = new TextEncoder().encode(' a ,NA,"",x\n');
    const read = blockReader(sentiment, compiled);
    const rows = (column: number) =>
      read({
        block: { bytes, bounds: Uint32Array.of(0, bytes.length - 1), lines: 1 },
        layout: { delimiter: ",", columns: ["a", "b", "c", "d"], places: [column], decimal: "." },
        charset: "utf-8",
        spreadsheet: false,
        firstRow: 1,
        strict: false,
        maxColumns: 10,
      });
    expect(rows(0).rows[0]?.features).toEqual([" a "]);
    expect(rows(1).rows[0]?.features).toEqual(["NA"]);
    const { output } = writeBlock(rows(2), []);
    expect(new TextDecoder().decode(output)).toBe(
      ' a ,NA,"",x,,,,,,row 1: column review: String should have at least 1 characters (string_too_short)\n',
    );
  });

  test("has a vector as one JSON list", () => {
    const values = Float32Array.of(0.1, -2, 1e-7, 3);
    const result = { classes: new BigInt64Array(0), values };
    expect(predictionReader(vectors)(result, 1)).toEqual({ embedding: [1e-7, 3], dimensions: 2 });
    const bits = new Uint32Array(values.buffer);
    const write = (form: ReturnType<typeof csvResults>) =>
      writeResults(result, bits, 1, form, new Float32Texts());
    expect(write(csvResults(vectors, FORM))).toBe(',"[1e-7,3]",');
    const german = { ...FORM, delimiter: ";", decimal: "," } as const;
    expect(write(csvResults(vectors, german))).toBe(';"[1e-7,3]";');
    expect(csvResults(vectors, german).failed("bad")).toBe(";;bad");
    const lines = ndjsonResults(vectors, "utf-8");
    expect(write(lines)).toBe('"embedding":[1e-7,3],"error":null');
    expect(lines.failed("bad")).toBe('"embedding":null,"error":"bad"');
  });
});
