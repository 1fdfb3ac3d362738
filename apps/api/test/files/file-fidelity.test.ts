import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { CSV, HEAD, NDJSON, RESULT, ROW, SETOSA } from "../support/csv-file.ts";
import { endedJob } from "../support/job-helpers.ts";
import { send } from "../support/json-request.ts";
import { sharedApi } from "../support/shared-api.ts";

// What a file carries comes back with it, over every route; `fidelity.test.ts` of packages/model tries generated files.

let api: ApiProcess;
beforeAll(async () => {
  api = await sharedApi();
});

type Body = string | Uint8Array<ArrayBuffer>;

async function bytesOf(response: Response): Promise<string> {
  return Buffer.from(await response.arrayBuffer()).toString("latin1");
}

function request(path: string, body: Body, headers: Record<string, string>): Promise<Response> {
  return fetch(api.url + path, { method: "POST", headers, body });
}

/** The result of a file over `/predict-file`, strict or not, and as a job; each byte a character. */
async function resultsOf(
  body: Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
  query = "",
) {
  const results: [status: number, type: string | null, bytes: string][] = [];
  for (const strict of ["false", "true"]) {
    const path = `/predict-file?strict=${strict}${query}`;
    const response = await request(path, body, headers);
    results.push([response.status, response.headers.get("content-type"), await bytesOf(response)]);
  }
  const created = await request(`/jobs?strict=false${query}`, body, headers);
  if (created.status !== 202) {
    return [
      ...results,
      [created.status, created.headers.get("content-type"), await bytesOf(created)],
    ];
  }
  const { job_id: id } = Object(await created.json());
  const { error } = await endedJob(api.url, id);
  if (error !== null)
    return [...results, [422, "application/json", JSON.stringify({ detail: [{ msg: error }] })]];
  const response = await fetch(`${api.url}/jobs/${id}/result`);
  results.push([response.status, response.headers.get("content-type"), await bytesOf(response)]);
  return results;
}

const KEYS = [
  "-A12",
  "=K7",
  "@alice",
  "+49 000 0000000",
  "+490000000000",
  "-1-2",
  "'x",
  '"^Iq"',
  "\u00bc",
];

describe("keys", () => {
  test("of CSV come back byte for byte", async () => {
    const lines = KEYS.map((key) => `${key},${ROW}`);
    const text = `id,${HEAD}\r\n${lines.join("\r\n")}`;
    const wanted = [`id,${HEAD},${RESULT}`, ...lines.map((line) => `${line},${SETOSA}`)].join(
      "\r\n",
    );
    const expected = Buffer.from(wanted).toString("latin1");
    for (const result of await resultsOf(Buffer.from(text), CSV)) {
      expect(result).toEqual([200, "text/csv; charset=utf-8", expected]);
    }
  });

  test("are made safe for spreadsheets where that is asked", async () => {
    const text = `id,${HEAD}\n=K7,${ROW}\n ＝1,${ROW}\n-5,${ROW}\n`;
    for (const [status, , result] of await resultsOf(Buffer.from(text), CSV, "&spreadsheet=true")) {
      const ids = Buffer.from(String(result), "latin1")
        .toString()
        .split("\n")
        .map((line) => line.split(",")[0]);
      expect([status, ids]).toEqual([200, ["id", "'=K7", "' ＝1", "-5", ""]]);
    }
    const lines = Buffer.from('{"features":[5.1,3.5,1.4,0.2]}');
    for (const [status, , result] of await resultsOf(lines, NDJSON, "&spreadsheet=true")) {
      expect([status, JSON.parse(String(result)).detail[0].loc]).toEqual([
        422,
        ["query", "spreadsheet"],
      ]);
    }
  });

  test("of JSON lines come back byte for byte, with the results under names of their own", async () => {
    const line =
      '{"id":9007199254740993,"label":"mine","x":1e400, "y":-0,"z":0.10,"features":[5.1,3.5,1.4,0.2] ';
    for (const [status, type, result] of await resultsOf(Buffer.from(`${line}}\n`), NDJSON)) {
      expect([status, type]).toEqual([200, "application/x-ndjson"]);
      expect(result).toBe(
        `${line},"class":0,"label_2":"setosa","confidence":1,"proba_setosa":1,"proba_versicolor":0,"proba_virginica":0,"error":null}\n`,
      );
    }
  });
});

describe("a charset", () => {
  const latin = Buffer.from(`name,${HEAD}\nM\u00fcller \u0080,${ROW}\n`, "latin1");
  const kept = `name,${HEAD},${RESULT}\nM\u00fcller \u0080,${ROW},${SETOSA}\n`;

  test.each([
    ["query", CSV, "&charset=latin1"],
    ["query in capitals", CSV, "&charset=Windows-1252"],
    ["content type", { "content-type": "text/csv; charset=ISO-8859-1" }, ""],
  ])("that the %s names is that of the result", async (_where, headers, query) => {
    for (const result of await resultsOf(latin, headers, query)) {
      expect(result).toEqual([200, "text/csv; charset=windows-1252", kept]);
    }
  });

  test("that the file has not is refused with line and byte", async () => {
    const bytes = `name,${HEAD}\nM`.length + 1;
    for (const [status, , result] of await resultsOf(latin, CSV)) {
      const [{ msg }] = JSON.parse(String(result)).detail;
      expect([status, msg]).toEqual([
        422,
        `the file is not UTF-8: line 2, byte ${bytes} of the file is 0xFC; it looks like Windows-1252: pass charset=windows-1252`,
      ]);
    }
  });

  test("that no file may have is refused with those it may", async () => {
    for (const [headers, query, place] of [
      [CSV, "?charset=utf-16", ["query", "charset"]],
      [{ "content-type": "text/csv; charset=koi8-r" }, "", ["header", "content-type"]],
    ] as const) {
      const { status, body } = await send(`${api.url}/predict-file${query}`, {
        method: "POST",
        headers,
        body: `${HEAD}\n${ROW}\n`,
      });
      expect([status, body.detail[0].loc]).toEqual([422, place]);
      expect(body.detail[0].msg).toContain("windows-1252");
    }
  });
});

describe("gzip", () => {
  const plain = `${HEAD}\n${`${ROW}\n`.repeat(3000)}`;
  const packed = gzipSync(plain);
  const wanted = `${HEAD},${RESULT}\n${`${ROW},${SETOSA}\n`.repeat(3000)}`;

  test.each([
    ["as the content encoding", { ...CSV, "content-encoding": "gzip" }],
    ["by its first bytes", CSV],
  ])("is read %s", async (_how, headers) => {
    for (const result of await resultsOf(packed, headers)) {
      expect(result).toEqual([200, "text/csv; charset=utf-8", wanted]);
    }
  });

  test.each(["rows.csv.gz", "rows.csv"])("is read in a form, as %s", async (name) => {
    const form = new FormData();
    form.append("file", new File([packed], name, { type: "application/gzip" }));
    const response = await fetch(`${api.url}/predict-file`, { method: "POST", body: form });
    expect([response.status, await response.text()]).toEqual([200, wanted]);
  });

  test("that is cut off is 400, also as a job", async () => {
    for (const [status, , text] of await resultsOf(packed.subarray(0, 40), CSV)) {
      expect([status, String(text)]).toEqual([400, expect.stringContaining("not gzip data")]);
    }
  });
});

describe("a choice", () => {
  const single = JSON.stringify({ features: [5.1, 3.5, 1.4, 0.2] });
  const json = { "content-type": "application/json" };

  test.each([
    ["/predict?model_name=iris-mlp", "model_name belongs in the JSON body"],
    ["/v2/predict?model_version=1", "model_version belongs in the JSON body"],
    ["/predict?strict=true", "strict is not a choice of this route"],
    ["/predict/iris-mlp?model_name=iris-mlp", "model_name belongs in the JSON body"],
    ["/explain?model_name=iris-mlp", "model_name belongs in the JSON body"],
    ["/v1/predict?model_name=iris-mlp", "model_name belongs in the JSON body"],
  ])("in the query of %s is 422", async (path, msg) => {
    const { status, body } = await send(api.url + path, {
      method: "POST",
      headers: json,
      body: single,
    });
    const name = /\?(\w+)=/.exec(path)?.[1];
    expect([status, body.detail[0].loc, body.detail[0].msg]).toEqual([422, ["query", name], msg]);
  });

  test("of another name in the query is ignored", async () => {
    const init = { method: "POST", headers: json, body: single };
    expect((await send(`${api.url}/predict?utm_source=x`, init)).status).toBe(200);
    expect((await request("/predict-file?utm_source=x", `${HEAD}\n${ROW}\n`, CSV)).status).toBe(
      200,
    );
  });

  test.each([
    ["before the file", ["model_name", "file"], "model_name"],
    ["behind the file", ["file", "strict"], "strict"],
    ["as a second file", ["file", "file"], "file"],
  ])("in a form, %s, is 422", async (_where, parts, name) => {
    for (const path of ["/predict-file", "/jobs"]) {
      const form = new FormData();
      for (const part of parts) {
        form.append(part, part === "file" ? new File([`${HEAD}\n${ROW}\n`], "a.csv") : "true");
      }
      const { status, body } = await send(api.url + path, { method: "POST", body: form });
      expect([status, body.detail[0].loc]).toEqual([422, ["body", name]]);
    }
  });

  test.each(["/predict", "/v1/predict", "/explain", "/predict-batch"])(
    "that is null is absent: %s",
    async (path) => {
      const rows =
        path === "/predict-batch"
          ? { rows: [[5.1, 3.5, 1.4, 0.2]], batch_size: null }
          : JSON.parse(single);
      const body = JSON.stringify({ ...rows, model_name: null, model_version: null });
      const reply = await send(api.url + path, { method: "POST", headers: json, body });
      expect([reply.status, reply.body.model_used]).toEqual([200, "iris-forest"]);
    },
  );

  test("that is null is absent over tRPC", async () => {
    const body = JSON.stringify({ features: [5.1, 3.5, 1.4, 0.2], model_name: null });
    const reply = await send(`${api.url}/trpc/predict`, { method: "POST", headers: json, body });
    expect(reply.body.result.data.model_used).toBe("iris-forest");
  });
});

test("a table with other headings is scored, and a missing one is named with the nearest", async () => {
  const shown = readFileSync(
    new URL("../../../../models/datasets/iris.csv", import.meta.url),
    "utf8",
  );
  const [head = "", first = ""] = shown.split("\n");
  const reply = await request("/predict-file", `${head}\n${first}\n`, CSV);
  expect([reply.status, await reply.text()]).toEqual([
    200,
    expect.stringContaining(`${first},0,setosa`),
  ]);
  const wrong = await send(`${api.url}/predict-file`, {
    method: "POST",
    headers: CSV,
    body: `${HEAD.replace("petal_width", "petl_widht")}\n${ROW}\n`,
  });
  expect(wrong.body.detail[0].msg).toBe(
    'The header has no column petal_width (did you mean "petl_widht"?)',
  );
});
