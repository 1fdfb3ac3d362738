import { describe, expect, test } from "vitest";
import { LINES, MIXED } from "../../test/odd-files.ts";
import { chunksOf, pieces, realModel, scored } from "../../test/scored-file.ts";
import { MAX_RECORD_BYTES } from "@sepal/schema/files/file-format";

const forest = await realModel("iris-forest");

const HEAD = "sepal_length,sepal_width,petal_length,petal_width";
const RESULT = "class,label,confidence,proba_setosa,proba_versicolor,proba_virginica,error";
const SETOSA = "0,setosa,1,1,0,0,";

describe("a CSV file", () => {
  test("comes back with its columns followed by the predictions", async () => {
    const text = `${HEAD}\n5.1,3.5,1.4,0.2\n6,2.7,5.1,1.6\n`;
    expect(await scored(text, forest)).toBe(
      `${HEAD},${RESULT}\n5.1,3.5,1.4,0.2,${SETOSA}\n6,2.7,5.1,1.6,1,versicolor,0.66,0,0.66,0.34,\n`,
    );
  });

  test("accepts any CSV dialect, and reports bad rows without stopping", async () => {
    expect(await scored(MIXED, forest)).toMatchInlineSnapshot(`
      "sepal_width;id;petal_width;sepal_length;note;petal_length;class;label;confidence;proba_setosa;proba_versicolor;proba_virginica;error
      3.5;1;0.2;5.1;plain;1.4;0;setosa;1;1;0;0;
      3.5;2;0.2;5.1;"two
      lines; ""quoted""";1.4;0;setosa;1;1;0;0;
      2.7;3;1.6;6;=cmd();5.1;1;versicolor;0.66;0;0.66;0.34;
      -2.7;4;1.6;6;-1;5.1;;;;;;;row 4: column sepal_width: Input should be greater than 0 (greater_than)
      2.7;5;;6;;NaN;;;;;;;"row 5: column petal_length: Input should be a finite number (finite_number); column petal_width: Field required (missing)"
      2.7;6;;;;;;;;;;;"row 6: column sepal_length: Field required (missing); column petal_length: Field required (missing); column petal_width: Field required (missing)"

      2.7;7;1.6;6;x;5.1;8;9;;;;;;;row 7: The row has 8 cells, the header 6 (too_long)
      2.7;8;1e39;6;é😀;1e400;;;;;;;"row 8: column petal_length: Input should be a finite number (finite_number); column petal_width: Input should be a finite number after rounding to float32 (finite_number)""
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
    ["mixed line ends", `${HEAD}\r\n5.1,3.5,1.4,0.2\n\r\n`],
    [
      "headings in other words",
      `Sepal Length (cm),SEPAL_WIDTH,petalLength,petal.width\n5.1,3.5,1.4,0.2\n`,
    ],
  ])("with %s comes back with its own bytes", async (_what, text) => {
    const result = await scored(text, forest);
    const delimiter = /petal.?width"? *([,\t|])/i.exec(result)?.[1] ?? ",";
    const added = (line: string) => delimiter + line.replaceAll(",", delimiter);
    expect(result).toBe(
      text
        .replace(/(petal.?width"?)/i, (name) => name + added(RESULT))
        .replace(/(0\.2"?)/, (cell) => cell + added(SETOSA)),
    );
  });

  test("with decimal commas has them in its results", async () => {
    const text = `${HEAD.replaceAll(",", ";")}\n6;3;5;2\n6;2,7;5,1;1,6\n`;
    expect(await scored(text, forest)).toBe(
      `${HEAD.replaceAll(",", ";")};${RESULT.replaceAll(",", ";")}\n6;3;5;2;2;virginica;0,96;0;0,04;0,96;\n6;2,7;5,1;1,6;1;versicolor;0,66;0;0,66;0,34;\n`,
    );
  });

  test("of a header alone gives a header alone", async () => {
    expect(await scored(`${HEAD}\n`, forest)).toBe(`${HEAD},${RESULT}\n`);
    expect(await scored(HEAD, forest)).toBe(`${HEAD},${RESULT}`);
    expect(await scored(`${HEAD}\r\n\r\n`, forest)).toBe(`${HEAD},${RESULT}\r\n\r\n`);
  });

  test("keeps its column of the name of a result; the result gets another", async () => {
    const result = await scored(`${HEAD},class,class_2,error\n5.1,3.5,1.4,0.2,a,b,c`, forest);
    const names = RESULT.replace("class", "class_3").replace("error", "error_2");
    expect(result).toBe(`${HEAD},class,class_2,error,${names}\n5.1,3.5,1.4,0.2,a,b,c,${SETOSA}`);
  });

  test("in Windows-1252 comes back in it", async () => {
    const text = Buffer.from(`${HEAD},na\xefve\n5.1,3.5,1.4,0.2,\x80 \xe9\n`, "latin1");
    const chunks = await chunksOf(pieces(text, 7), forest, { charset: "windows-1252" });
    const result = Buffer.concat(chunks.map(({ output }) => output)).toString("latin1");
    expect(result).toBe(`${HEAD},na\xefve,${RESULT}\n5.1,3.5,1.4,0.2,\x80 \xe9,${SETOSA}\n`);
  });

  test("is made safe for spreadsheets where that is asked", async () => {
    const text = `${HEAD},=note\n5.1,3.5,1.4,0.2,"=1,2"\n-5,3.5,1.4,0.2,x\n`;
    const result = await scored(text, forest, { spreadsheet: true });
    expect(result.split("\n").slice(0, 2)).toEqual([
      `${HEAD},'=note,${RESULT}`,
      `5.1,3.5,1.4,0.2,"'=1,2",${SETOSA}`,
    ]);
    expect(result).toContain("\n-5,3.5,");
  });

  test.each([
    [
      "a byte of Latin-1",
      Buffer.from(`${HEAD},x\r\n1,1,1,1,a\r\n1,1,1,1,\xe9\r\n`, "latin1"),
      "the file is not UTF-8: line 3, byte 73 of the file is 0xE9; it looks like Windows-1252: pass charset=windows-1252",
    ],
    [
      "half a character",
      Buffer.from([...Buffer.from(`${HEAD},x\n1,1,1,1,`), 0xe2, 0x82, 0x0a]),
      "the file is not UTF-8: line 2, byte 61 of the file is 0xE2",
    ],
    [
      "a surrogate",
      Buffer.from([...Buffer.from(`${HEAD},x\n1,1,1,1,"\n`), 0xed, 0xa0, 0x80, 0x22]),
      "line 3, byte 63 of the file is 0xED",
    ],
    [
      "such a byte in the header",
      Buffer.from(`${HEAD},\xe9\n`, "latin1"),
      "line 1, byte 51 of the file is 0xE9",
    ],
  ])("with %s is refused with line and byte", async (_what, text, message) => {
    await expect(scored(text, forest)).rejects.toThrow(message);
    await expect(scored(text, forest, { piece: 1, chunkRows: 1 })).rejects.toThrow(message);
  });

  test("is refused where Windows-1252 has no such byte, or cannot write a label", async () => {
    const options = { charset: "windows-1252" } as const;
    const text = Buffer.from(`${HEAD},x\n1,1,1,1,\x81\n`, "latin1");
    await expect(scored(text, forest, options)).rejects.toThrow(
      "the file is not Windows-1252: line 2, byte 61 of the file is 0x81",
    );
    await expect(scored(`\uFEFF${HEAD}\n`, forest, options)).rejects.toThrow("leave charset out");
  });

  test.each([
    ["nothing", "", "the file is empty"],
    ["blank lines", "\n \r\n", "the file is empty"],
    ["UTF-16", Buffer.from("\uFEFFa", "utf16le"), "the file is UTF-16; save it as UTF-8"],
    ["no header", "5.1,3.5,1.4,0.2\n", "The header has no column sepal_length; "],
    ["a column short", `${HEAD.slice(0, -1)}\n1,2,3,4`, "The header has no column petal_width"],
    ["a column twice", `${HEAD},petal_width\n`, "The header has 2 columns petal_width"],
    ["a name mistyped", HEAD.replace("l_w", "_w"), 'sepal_width (did you mean "sepa_width"?)'],
    [
      "two headings for one",
      `${HEAD.replace("sepal_w", "sepalW")},Sepal Width\n`,
      "2 columns for sepal_width: sepalWidth, Sepal Width",
    ],
    ["a workbook", "PK\u0003\u0004", "save it as CSV UTF-8"],
    [
      "a quote that is not closed",
      `${HEAD}\n1,2,3,4\n1,2,3,"4\n1,2,3,4\n`,
      "row 2: A quote is not closed",
    ],
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
  test("comes back with the predictions in its objects and bad rows reported", async () => {
    const result = await scored(LINES, forest, { format: "ndjson" });
    expect(result).toMatchInlineSnapshot(`
      "{"features":[5.1,3.5,1.4,0.2],"class":0,"label":"setosa","confidence":1,"proba_setosa":1,"proba_versicolor":0,"proba_virginica":0,"error":null}
      {"id":7,"features":[6,2.7,5.1,1.6],"class":"virginica","class_2":1,"label":"versicolor","confidence":0.66,"proba_setosa":0,"proba_versicolor":0.66,"proba_virginica":0.34,"error":null}
       
      {"features":[5.1,-3.5,1.4,"0.2"],"class":null,"label":null,"confidence":null,"proba_setosa":null,"proba_versicolor":null,"proba_virginica":null,"error":"row 3: column sepal_width: Input should be greater than 0 (greater_than); column petal_width: Input should be a valid number (float_type)"}
      {"id":8,"class":null,"label":null,"confidence":null,"proba_setosa":null,"proba_versicolor":null,"proba_virginica":null,"error":"row 4: column features: Field required (missing)"}
      {"input":[1,2],"class":null,"label":null,"confidence":null,"proba_setosa":null,"proba_versicolor":null,"proba_virginica":null,"error":"row 5: column features: List should have at least 4 items after validation, not 2 (too_short)"}
      {"input":"{broken","class":null,"label":null,"confidence":null,"proba_setosa":null,"proba_versicolor":null,"proba_virginica":null,"error":"row 6: The line is not JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2) (json_invalid)"}
      { "features" : [6.9,3.1,5.4,2.1] ,"class":2,"label":"virginica","confidence":1,"proba_setosa":0,"proba_versicolor":0,"proba_virginica":1,"error":null}"
    `);
    for (const line of result.split("\n").filter((text) => text.trim() !== "")) {
      expect(JSON.parse(line)).toHaveProperty("error");
    }
  });

  test("keeps every byte of its keys, whichever they have", async () => {
    const keys = [
      '"id":9007199254740993',
      '"x":1e400,"y":-0,"z":0.10',
      '"label":"a","class":1,"error":[ ],"label_2":0',
      '"a":1,"a":2,"__proto__":{}',
      '"é\\u0041":"\u{1F600}\\/"',
    ];
    const lines = keys.map((key) => ` { ${key} , "features":[5.1,3.5,1.4,0.2]\t} `);
    const text = `\uFEFF${lines.join("\r\n")}\n\n`;
    const result = await scored(text, forest, { format: "ndjson" });
    for (const [index, line] of result.split(/\r?\n/).slice(0, -2).entries()) {
      const name = index === 2 ? '"class_2"' : '"class"';
      const own = lines[index]?.slice(0, -2) ?? "";
      expect(line.replace("\uFEFF", "")).toBe(
        own + line.slice(line.indexOf(`,${name}:0`)).replace("\uFEFF", ""),
      );
      expect(Object.keys(JSON.parse(line.replace("\uFEFF", "")))).toContain("proba_setosa");
    }
    expect(result.startsWith("\uFEFF {")).toBe(true);
    expect(result.endsWith("} \n\n")).toBe(true);
    expect(result).toContain('"label":"a","class":1,"error":[ ],"label_2":0 , "features"');
    expect(result).toContain('"class_2":0,"label_3":"setosa"');
    expect(result).toContain('"error_2":null} \r\n');
  });

  test("may have a key for each feature, named as headings are", async () => {
    const text = [
      '{"Sepal Length (cm)":5.1,"sepalWidth":3.5,"petal_length":1.4,"petal_width":0.2,"id":1}',
      '{"id":2,"petal_width":0.2,"petal_length":1.4,"sepal_width":3.5,"sepal_length":5.1}',
      '{"sepal_length":5.1,"sepal_width":3.5,"petal_length":"1.4"}',
    ].join("\n");
    const rows = (await scored(text, forest, { format: "ndjson" })).split("\n");
    expect(rows.map((row) => JSON.parse(row)).map(({ label, error }) => [label, error])).toEqual([
      ["setosa", null],
      ["setosa", null],
      [null, "row 3: column petal_width: Field required (missing)"],
    ]);
  });

  test("in Windows-1252 comes back in it", async () => {
    const text = Buffer.from('{"features":[5.1,3.5,1.4,0.2],"n":"\xe9\x80"}', "latin1");
    const options = { format: "ndjson", charset: "windows-1252" } as const;
    const chunks = await chunksOf(pieces(text, 9), forest, options);
    const result = Buffer.concat(chunks.map(({ output }) => output)).toString("latin1");
    expect(result).toContain('"n":"\xe9\x80","class":0');
    await expect(scored(text, forest, { format: "ndjson" })).rejects.toThrow("line 1, byte 36");
  });

  test.each(["", "\n\n", " "])("that is %j fails", async (text) => {
    await expect(scored(text, forest, { format: "ndjson" })).rejects.toThrow("the file is empty");
  });
});
