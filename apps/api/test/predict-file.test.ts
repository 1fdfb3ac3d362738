import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "./api-process.ts";
import { dataFolder, irisCsv } from "./job-helpers.ts";
import { post, send, type Reply } from "./json-request.ts";

const MAX_FILE_BYTES = 200_000;

let data: Awaited<ReturnType<typeof dataFolder>>;
let api: ApiProcess;
beforeAll(async () => {
  data = await dataFolder();
  const variables = { DATA_DIR: data.path, MAX_FILE_BYTES: String(MAX_FILE_BYTES) };
  api = await startApi({ variables });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await data[Symbol.asyncDispose]();
});

const CSV = { "content-type": "text/csv" };
const NDJSON = { "content-type": "application/x-ndjson" };
const HEAD = "sepal_length,sepal_width,petal_length,petal_width";
const RESULT = "class,label,confidence,proba_setosa,proba_versicolor,proba_virginica,error";
const ROW = "5.1,3.5,1.4,0.2";
const SETOSA = "0,setosa,1,1,0,0,";

/** Sends a file in a form. */
function postForm(path: string, parts: readonly [name: string, file: File | string][]) {
  const body = new FormData();
  for (const [name, part] of parts) body.append(name, part);
  return send(api.url + path, { method: "POST", body });
}

function file(text: string, name: string, type = ""): File {
  return new File([text], name, { type });
}

/** Rows of a CSV without quotes, as objects. */
function records(text: string): Record<string, string | undefined>[] {
  const [head = "", ...lines] = text.trimEnd().split("\n");
  const names = head.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((name, index) => [name, cells[index]]));
  });
}

describe("a file", () => {
  test("gets the answers that its rows get as a batch", async () => {
    const csv = irisCsv(2500);
    const reply = await post(`${api.url}/predict-file`, csv, CSV);
    expect(reply.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(reply.headers.get("x-model-used")).toBe("iris-forest");
    expect(reply.headers.get("x-model-version")).toBe("1");
    const answered = records(reply.text);
    const features = HEAD.split(",");
    const rows = records(csv).map((row) => features.map((name) => Number(row[name])));
    const { predictions } = (await post(`${api.url}/predict-batch`, { rows })).body;
    expect(answered).toHaveLength(2500);
    for (const [index, row] of answered.entries()) {
      const { class: predicted, label, confidence, proba } = predictions[index];
      expect([row["class"], row["label"], row["confidence"]]).toEqual(
        [predicted, label, confidence].map(String),
      );
      const { proba_setosa, proba_versicolor, proba_virginica } = row;
      expect([proba_setosa, proba_versicolor, proba_virginica]).toEqual(proba.map(String));
    }
  });

  test.each(["/predict-file", "/v2/predict-file", "/iris/predict-file"])(
    "goes to %s",
    async (path) => {
      const { status, text } = await post(api.url + path, `${HEAD}\n${ROW}\n`, CSV);
      expect([status, text]).toEqual([200, `${HEAD},${RESULT}\n${ROW},${SETOSA}\n`]);
    },
  );

  test("of another contract goes to that contract's route", async () => {
    const csv =
      "alcohol,malic_acid,ash,alcalinity_of_ash,magnesium,total_phenols,flavanoids,nonflavanoid_phenols,proanthocyanins,color_intensity,hue,od280_od315_of_diluted_wines,proline\n14.1,2.02,2.4,18.8,103,2.75,2.92,0.32,2.38,6.2,1.07,2.75,1060\n";
    const { text } = await post(`${api.url}/wine/predict-file`, csv, CSV);
    expect(text).toContain(",0,barolo,");
    const wrong = await post(`${api.url}/predict-file?model_name=wine-forest`, csv, CSV);
    expect([wrong.status, wrong.body.detail[0].loc]).toEqual([422, ["body", "model_name"]]);
  });

  test("is scored by the model that the query names", async () => {
    const url = `${api.url}/predict-file?model_name=iris-mlp&model_version=1`;
    const reply = await post(url, `${HEAD}\n6,2.7,5.1,1.6\n`, CSV);
    expect(reply.headers.get("x-model-used")).toBe("iris-mlp");
    expect(reply.text).toMatch(/,2,virginica,0\.78\d*,/);
  });

  test("of JSON lines comes back as JSON lines", async () => {
    const lines = '{"features":[5.1,3.5,1.4,0.2],"id":"a"}\n\n{"features":[5.1,"3.5",1.4]}\n';
    const reply = await post(`${api.url}/predict-file`, lines, NDJSON);
    expect(reply.headers.get("content-type")).toBe("application/x-ndjson");
    const [first, second, ...rest] = reply.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rest).toEqual([]);
    expect(first).toEqual({
      features: [5.1, 3.5, 1.4, 0.2],
      id: "a",
      class: 0,
      label: "setosa",
      confidence: 1,
      proba_setosa: 1,
      proba_versicolor: 0,
      proba_virginica: 0,
      error: null,
    });
    expect(second).toMatchObject({
      class: null,
      error:
        "row 2: column sepal_width: Input should be a valid number (float_type); column features: List should have at least 4 items after validation, not 3 (too_short)",
    });
  });

  test("with bad rows says where they are bad and goes on", async () => {
    const rows = [ROW, "5.1,-3.5,1.4,x", "=1,3.5,1.4,0.2", "5.1", `${ROW},7`, ROW];
    const { status, text } = await post(
      `${api.url}/predict-file`,
      [HEAD, ...rows].join("\r\n"),
      CSV,
    );
    expect(status).toBe(200);
    const lines = text.split("\r\n");
    expect(lines).toHaveLength(8);
    expect(lines[2]).toBe(
      '5.1,-3.5,1.4,x,,,,,,,"row 2: column petal_width: Input should be a valid number, unable to parse string as a number (float_parsing); column sepal_width: Input should be greater than 0 (greater_than)"',
    );
    expect(lines[3]).toMatch(/^'=1,3\.5,1\.4,0\.2,,,,,,,"row 3: column sepal_length: /);
    expect(lines[4]).toMatch(
      /^5\.1,,,,,,,,,,row 4: column sepal_width: Field required \(missing\); /,
    );
    expect(lines[5]).toContain("row 5: The row has 5 cells, the header 4 (too_long)");
    expect(lines[6]).toBe(`${ROW},${SETOSA}`);
  });
});

describe("a form", () => {
  test.each([
    ["with its type", file(`${HEAD}\n${ROW}\n`, "data", "text/csv")],
    ["with its name", file(`${HEAD}\n${ROW}\n`, "data.CSV")],
    ["as Windows sends CSV", file(`${HEAD}\n${ROW}\n`, "data.csv", "application/vnd.ms-excel")],
  ])("brings a file %s", async (_how, csv) => {
    const { status, text } = await postForm("/predict-file", [["file", csv]]);
    expect([status, text]).toEqual([200, `${HEAD},${RESULT}\n${ROW},${SETOSA}\n`]);
  });

  test("brings JSON lines by their name, among other parts", async () => {
    const lines = file('{"features":[5.1,3.5,1.4,0.2]}', "data.jsonl");
    const parts: [string, File | string][] = [
      ["note", "hello"],
      ["other", file("x".repeat(100_000), "x.bin")],
      ["file", lines],
      ["more", file("y", "y.csv")],
    ];
    const reply = await postForm("/predict-file", parts);
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.text)).toMatchObject({ class: 0, error: null });
  });

  test("without a file in its field is 422", async () => {
    const reply = await postForm("/predict-file", [["data", file(`${HEAD}\n`, "x.csv")]]);
    expect([reply.status, reply.body.detail[0].loc]).toEqual([422, ["body", "file"]]);
  });

  test("with a file of no known type is 415", async () => {
    const reply = await postForm("/predict-file", [["file", file("x", "x.parquet")]]);
    expect([reply.status, reply.body.detail]).toEqual([
      415,
      expect.stringContaining("the name of the file may end in .csv or .ndjson"),
    ]);
  });

  test.each([
    ["no boundary", "multipart/form-data", "x"],
    [
      "an end before its end",
      "multipart/form-data; boundary=b",
      `--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n${HEAD}\n`,
    ],
    ["no parts", "multipart/form-data; boundary=b", "hello"],
  ])("with %s is 400", async (_what, type, body) => {
    const reply = await post(`${api.url}/predict-file`, body, { "content-type": type });
    expect([reply.status, reply.body.detail]).toEqual([
      400,
      expect.stringContaining("the form cannot be read"),
    ]);
  });
});

describe("refused before anything is answered", () => {
  const good = `${HEAD}\n${ROW}\n`;
  const utf16 = { "content-type": "text/csv; charset=utf-16" };
  test.each<[number, string, string, string, Record<string, string>, RegExp]>([
    [400, "an empty file", "", "", CSV, /^the file is empty$/],
    [400, "empty JSON lines", "", "\n\n", NDJSON, /^the file is empty$/],
    [
      400,
      "a deadline that is none",
      "",
      good,
      { ...CSV, "x-request-timeout-ms": "x" },
      /whole number/,
    ],
    [404, "an unknown model", "?model_name=rose", good, CSV, /^there is no model "rose"$/],
    [404, "an unknown version", "?model_version=9", good, CSV, /has no version "9"$/],
    [
      413,
      "a file over the limit",
      "",
      good + "\n".repeat(MAX_FILE_BYTES),
      CSV,
      /larger than 200000 bytes$/,
    ],
    [
      415,
      "JSON",
      "",
      good,
      { "content-type": "application/json" },
      /^the content type should be text\/csv/,
    ],
    [
      415,
      "no type at all",
      "",
      good,
      { "content-type": "" },
      /^the content type should be text\/csv/,
    ],
    [415, "another charset", "", good, utf16, /its charset should be utf-8$/],
    [415, "a coding", "", good, { ...CSV, "content-encoding": "br" }, /without content-encoding$/],
    [
      504,
      "a deadline that has passed",
      "",
      good,
      { ...CSV, "x-request-timeout-ms": "0" },
      /^the deadline passed/,
    ],
  ])("%i %s", async (status, _what, query, body, headers, message) => {
    const reply = await post(`${api.url}/predict-file${query}`, body, headers);
    expect(reply.status).toBe(status);
    expect(reply.body.detail).toMatch(message);
  });

  const details = ({ body }: Reply) => body.detail.map((entry: { loc: unknown }) => entry.loc);
  test.each<[string, string, string, unknown[]]>([
    ["no header", "", `${ROW}\n`, HEAD.split(",").map((name) => ["body", "header", name])],
    [
      "a column short",
      "",
      "sepal_length;sepal_width;petal_length\n",
      [["body", "header", "petal_width"]],
    ],
    ["a column twice", "", `${HEAD},sepal_width\n`, [["body", "header", "sepal_width"]]],
    [
      "a bad row where none may be",
      "?strict=true",
      `${HEAD}\n${ROW}\n5.1,3.5,0,0.2\n`,
      [["body", 2, "petal_length"]],
    ],
    [
      "an unknown query",
      "?strict=yes&model=x",
      good,
      [
        ["query", "strict"],
        ["query", "model"],
      ],
    ],
  ])("422 %s", async (_what, query, body, places) => {
    const reply = await post(`${api.url}/predict-file${query}`, body, CSV);
    expect([reply.status, details(reply)]).toEqual([422, places]);
  });

  test("as RFC 9457 with row and column", async () => {
    const headers = { ...CSV, accept: "application/problem+json" };
    const url = `${api.url}/predict-file?strict=true`;
    const reply = await post(url, `${HEAD}\n${ROW}\n5.1,3.5,0,0.2\n`, headers);
    expect(reply.body).toMatchObject({ status: 422, errors: [{ pointer: "/2/petal_length" }] });
  });

  test("another method", async () => {
    const { status, headers } = await send(`${api.url}/predict-file`);
    expect([status, headers.get("allow")]).toEqual([405, "POST"]);
  });
});

test("a strict file without bad rows is answered as any other", async () => {
  const csv = irisCsv(2500);
  const strict = await post(`${api.url}/predict-file?strict=true`, csv, CSV);
  const plain = await post(`${api.url}/predict-file?strict=false`, csv, CSV);
  expect(strict.status).toBe(200);
  expect(strict.text).toBe(plain.text);
});
