import { describe, expect, test } from "vitest";
import { LINES, MIXED } from "../../test/odd-files.ts";
import { realModel, scored } from "../../test/scored-file.ts";
import { MAX_RECORD_BYTES } from "./file-format.ts";

const forest = await realModel("iris-forest");

const HEAD = "sepal_length,sepal_width,petal_length,petal_width";
const RESULT = "class,label,confidence,proba_setosa,proba_versicolor,proba_virginica,error";
const SETOSA = "0,setosa,1,1,0,0,";

describe("a CSV file", () => {
  test("comes back with its columns and the answers behind them", async () => {
    const text = `${HEAD}\n5.1,3.5,1.4,0.2\n6,2.7,5.1,1.6\n`;
    expect(await scored(text, forest)).toBe(
      `${HEAD},${RESULT}\n5.1,3.5,1.4,0.2,${SETOSA}\n6,2.7,5.1,1.6,1,versicolor,0.66,0,0.66,0.34,\n`,
    );
  });

  test("may be written in any way; bad rows are told and do not end it", async () => {
    expect(await scored(MIXED, forest)).toMatchInlineSnapshot(`
      "sepal_width;id;petal_width;sepal_length;note;petal_length;class;label;confidence;proba_setosa;proba_versicolor;proba_virginica;error
      3.5;1;0.2;5.1;plain;1.4;0;setosa;1;1;0;0;
      3.5;2;0.2;5.1;"two
      lines; ""quoted""";1.4;0;setosa;1;1;0;0;
      2.7;3;1.6;6;'=cmd();5.1;1;versicolor;0.66;0;0.66;0.34;
      -2.7;4;1.6;6;-1;5.1;;;;;;;row 4: column sepal_width: Input should be greater than 0 (greater_than)
      2.7;5;;6;;NaN;;;;;;;"row 5: column petal_length: Input should be a finite number (finite_number); column petal_width: Field required (missing)"
      2.7;6;;;;;;;;;;;"row 6: column sepal_length: Field required (missing); column petal_length: Field required (missing); column petal_width: Field required (missing)"
      2.7;7;1.6;6;x;5.1;;;;;;;row 7: The row has 8 cells, the header 6 (too_long)
      2.7;8;1e39;6;é😀;1e400;;;;;;;"row 8: column petal_length: Input should be a finite number (finite_number); column petal_width: Input should be a finite number after rounding to float32 (finite_number)"
      "
    `);
  });

  test.each([
    ["a byte order mark", `\uFEFF${HEAD}\n5.1,3.5,1.4,0.2\n`],
    ["quoted names and numbers", `"${HEAD.replaceAll(",", '","')}"\n"5.1","3.5","1.4","0.2"`],
    ["tabs", `${HEAD}\n5.1,3.5,1.4,0.2`.replaceAll(",", "\t")],
    ["bars", `${HEAD}\n5.1,3.5,1.4,0.2`.replaceAll(",", "|")],
    ["blanks around names and numbers", `${HEAD}\n5.1,3.5,1.4,0.2`.replaceAll(",", " , ")],
    ["CRLF", `${HEAD}\r\n5.1,3.5,1.4,0.2\r\n`],
    ["CR alone", `${HEAD}\r5.1,3.5,1.4,0.2\r`],
    ["blank lines", `\n${HEAD}\n\n \n5.1,3.5,1.4,0.2\n\n`],
  ])("is read with %s", async (_what, text) => {
    const result = await scored(text, forest);
    const [, ...answers] = result.split(/\r?\n/);
    expect(answers).toEqual([expect.any(String), ""]);
    expect(answers[0]?.replaceAll(/[\t|]/g, ",")).toContain(`,${SETOSA}`);
    expect(result.includes("\r\n")).toBe(text.includes("\r\n"));
  });

  test("of a header alone gives a header alone", async () => {
    expect(await scored(`${HEAD}\n`, forest)).toBe(`${HEAD},${RESULT}\n`);
    expect(await scored(HEAD, forest)).toBe(`${HEAD},${RESULT}\n`);
  });

  test("keeps a column that is named like one of the result's out of its way", async () => {
    const result = await scored(`${HEAD},class,input_class\n5.1,3.5,1.4,0.2,a,b`, forest);
    expect(result).toBe(
      `${HEAD},input_input_class,input_class,${RESULT}\n5.1,3.5,1.4,0.2,a,b,${SETOSA}\n`,
    );
  });

  test.each([
    ["nothing", "", "the file is empty"],
    ["blank lines", "\n \r\n", "the file is empty"],
    ["UTF-16", Buffer.from("\uFEFFa", "utf16le"), "the file is UTF-16; it should be UTF-8"],
    ["no header", "5.1,3.5,1.4,0.2\n", "The header has no column sepal_length; "],
    ["a column short", `${HEAD.slice(0, -1)}\n1,2,3,4`, "The header has no column petal_width"],
    ["a column twice", `${HEAD},petal_width\n`, "The header has 2 columns petal_width"],
    ["other case", `${HEAD.toUpperCase()}\n`, "The header has no column sepal_length; "],
  ])("with %s fails before anything is given", async (_what, text, message) => {
    await expect(scored(text, forest)).rejects.toThrow(message);
  });

  test("with a quote that is never closed fails instead of filling the memory", async () => {
    const text = `${HEAD}\n1,2,3,4\n1,2,3,"4${"\n1,2,3,4".repeat(MAX_RECORD_BYTES / 8)}`;
    await expect(scored(text, forest)).rejects.toThrow(/^row 2: The row is longer than 1048576/);
    const header = `${HEAD},"${"x".repeat(MAX_RECORD_BYTES)}`;
    await expect(scored(header, forest)).rejects.toThrow(/^The header is longer than 1048576/);
  });
});

describe("a file of JSON lines", () => {
  test("comes back with the answers in its objects; bad rows are told", async () => {
    const result = await scored(LINES, forest, { format: "ndjson" });
    expect(result).toMatchInlineSnapshot(`
      "{"features":[5.1,3.5,1.4,0.2],"class":0,"label":"setosa","confidence":1,"proba_setosa":1,"proba_versicolor":0,"proba_virginica":0,"error":null}
      {"id":7,"features":[6,2.7,5.1,1.6],"input_class":"virginica","class":1,"label":"versicolor","confidence":0.66,"proba_setosa":0,"proba_versicolor":0.66,"proba_virginica":0.34,"error":null}
      {"features":[5.1,-3.5,1.4,"0.2"],"class":null,"label":null,"confidence":null,"proba_setosa":null,"proba_versicolor":null,"proba_virginica":null,"error":"row 3: column sepal_width: Input should be greater than 0 (greater_than); column petal_width: Input should be a valid number (float_type)"}
      {"id":8,"class":null,"label":null,"confidence":null,"proba_setosa":null,"proba_versicolor":null,"proba_virginica":null,"error":"row 4: column features: Field required (missing)"}
      {"input":[1,2],"class":null,"label":null,"confidence":null,"proba_setosa":null,"proba_versicolor":null,"proba_virginica":null,"error":"row 5: Input should be a valid object (model_attributes_type)"}
      {"input":"{broken","class":null,"label":null,"confidence":null,"proba_setosa":null,"proba_versicolor":null,"proba_virginica":null,"error":"row 6: The line is not JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2) (json_invalid)"}
      { "features" : [6.9,3.1,5.4,2.1] ,"class":2,"label":"virginica","confidence":1,"proba_setosa":0,"proba_versicolor":0,"proba_virginica":1,"error":null}
      "
    `);
    for (const line of result.trim().split("\n")) expect(JSON.parse(line)).toHaveProperty("error");
  });

  test.each(["", "\n\n", " "])("that is %j fails", async (text) => {
    await expect(scored(text, forest, { format: "ndjson" })).rejects.toThrow("the file is empty");
  });
});
