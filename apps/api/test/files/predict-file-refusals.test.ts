import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { CSV, HEAD, NDJSON, RESULT, ROW, SETOSA } from "../support/csv-file.ts";
import { dataFolder } from "../support/job-helpers.ts";
import { post, send, type Reply } from "../support/json-request.ts";

// Forms, and files that are refused.

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

/** Sends a file in a form. */
function postForm(path: string, parts: readonly [name: string, file: File | string][]) {
  const body = new FormData();
  for (const [name, part] of parts) body.append(name, part);
  return send(api.url + path, { method: "POST", body });
}

function file(text: string, name: string, type = ""): File {
  return new File([text], name, { type });
}

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
    [415, "a coding", "", good, { ...CSV, "content-encoding": "br" }, /should be gzip or deflate$/],
    [
      400,
      "no gzip",
      "",
      good,
      { ...CSV, "content-encoding": "gzip" },
      /^the file is not gzip data$/,
    ],
    [400, "a workbook", "", "PK\u0003\u0004xl/", CSV, /save it as CSV UTF-8$/],
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
      "choices that are none",
      "?strict=yes&spreadsheet=1&charset=utf-16&other=x",
      good,
      [
        ["query", "charset"],
        ["query", "spreadsheet"],
        ["query", "strict"],
      ],
    ],
    ["a choice of batches", "?batch_size=5", good, [["query", "batch_size"]]],
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
