import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../../api/test/support/api-process.ts";
import { dataFolder, endedJob } from "../../api/test/support/job-helpers.ts";
import { tryFiles, type GeneratedFile } from "../../../packages/model/test/generated-tables.ts";
import { playgroundDownload } from "./playground-download.ts";

// Every way to have a file scored gives the same bytes. `FIDELITY_TABLES` sets how many are tried.

const TABLES = Number(process.env["FIDELITY_TABLES"] ?? 50);
/** Of so many files one is also scored by what takes a process or a job. */
const SLOW_EVERY = 25;

let data: Awaited<ReturnType<typeof dataFolder>>;
let api: ApiProcess;
beforeAll(async () => {
  data = await dataFolder();
  api = await startApi({ variables: { DATA_DIR: data.path } });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await data[Symbol.asyncDispose]();
});

const TYPES = { csv: "text/csv", ndjson: "application/x-ndjson" } as const;

function latin1(bytes: Uint8Array | ArrayBuffer): string {
  return Buffer.from(new Uint8Array(bytes)).toString("latin1");
}

/** A result, or why there is none; each byte a character. */
async function post(path: string, { bytes, charset, format }: GeneratedFile): Promise<Response> {
  const headers = { "content-type": TYPES[format] };
  return fetch(`${api.url}${path}?charset=${charset}`, { method: "POST", headers, body: bytes });
}

function refusal(detail: string | readonly { readonly msg: string }[]): string {
  return `refused: ${typeof detail === "string" ? detail : detail[0]?.msg}`;
}

async function byRoute(file: GeneratedFile): Promise<string> {
  const response = await post("/predict-file", file);
  const text = latin1(await response.arrayBuffer());
  return response.ok ? text : refusal(JSON.parse(text).detail);
}

async function byJob(file: GeneratedFile): Promise<string> {
  const response = await post("/jobs", file);
  const { job_id: id, detail } = Object(await response.json());
  if (response.status !== 202) return refusal(detail);
  const { error } = await endedJob(api.url, id);
  if (error !== null) return `refused: ${error}`;
  return latin1(await (await fetch(`${api.url}/jobs/${id}/result`)).arrayBuffer());
}

const scoreMain = new URL("../../../packages/score/src/main.ts", import.meta.url).pathname;

async function byCommand({ bytes, charset, format }: GeneratedFile): Promise<string> {
  const args = [scoreMain, "-", "-", "--format", format, "--charset", charset];
  const running = promisify(execFile)(process.execPath, args, { encoding: "buffer" });
  running.child.stdin?.end(bytes);
  try {
    return latin1((await running).stdout);
  } catch (error) {
    const [line = ""] = String(Reflect.get(Object(error), "stderr")).split("\n");
    return `refused: ${line.replace(/^score: /, "")}`;
  }
}

async function byPlayground({ bytes, charset }: GeneratedFile): Promise<string> {
  const target = { model: "iris-forest", version: "1" };
  const result = await playgroundDownload(api.url, { bytes, charset }, target);
  if ("file" in result) return latin1(result.file);
  // As a sentence of a page.
  const { problem } = result;
  return `refused: ${problem.charAt(0).toLowerCase()}${problem.slice(1, -1)}`;
}

/** The ways that may be taken for every file, and those for some. */
async function expectOneResult(file: GeneratedFile, all: boolean): Promise<string> {
  const result = await byRoute(file);
  expect(await byPlayground(file), "the playground").toBe(result);
  if (all) {
    expect(await byJob(file), "a job").toBe(result);
    expect(await byCommand(file), "the command").toBe(result);
  }
  return result;
}

test(
  `${TABLES} files have one result by the route and the playground, and some by a job and the command`,
  { timeout: 400_000 + TABLES * 200 },
  async () => {
    let tried = 0;
    await tryFiles(TABLES, async (file) => {
      tried += 1;
      const result = await expectOneResult(file, tried % SLOW_EVERY === 1);
      expect(result).not.toMatch(/^refused/);
    });
  },
);

const HEAD = "sepal_length,sepal_width,petal_length,petal_width";
const ROW = "5.1,3.5,1.4,0.2";
const SETOSA = "0,setosa,1,1,0,0,";
const KEYS = ["-A12", "=K7", "@alice", "+49 000 0000000", "-1-2", "'x", '"\tq"', "007", " a "];
const KAGGLE = ["SepalLengthCm", "SepalWidthCm", "PetalLengthCm", "PetalWidthCm"];
const JSON_RESULT =
  '"class":0,"label":"setosa","confidence":1,"proba_setosa":1,"proba_versicolor":0,"proba_virginica":0,"error":null';

interface Case extends Partial<GeneratedFile> {
  readonly what: string;
  readonly text: string | Uint8Array;
  /** What the result has in it, or why the file is refused. */
  readonly expected: string | RegExp;
}

const rows = (keys: readonly string[]) => keys.map((key) => `${key},${ROW}\n`).join("");

const CASES: readonly Case[] = [
  {
    what: "keys that a spreadsheet would run",
    text: `id,${HEAD}\n${rows(KEYS)}`,
    expected: KEYS.map((key) => `${key},${ROW},${SETOSA}`).join("\n"),
  },
  {
    what: "Windows-1252",
    text: Buffer.from(`name,${HEAD}\nM\u00fcller \u0080,${ROW}\n`, "latin1"),
    charset: "windows-1252",
    expected: `M\u00fcller \u0080,${ROW},${SETOSA}\n`,
  },
  {
    what: "Windows-1252 that is called UTF-8",
    text: Buffer.from(`name,${HEAD}\nM\u00fcller,${ROW}\n`, "latin1"),
    expected: /^refused: the file is not UTF-8: line 2, byte 57 of .* pass charset=windows-1252$/,
  },
  {
    what: "halves of a surrogate pair",
    text: Buffer.from(`id,${HEAD}\n\u00ed\u00a0\u00bd,${ROW}\n`, "latin1"),
    expected: /^refused: the file is not UTF-8: line 2, byte 54 of the file is 0xED/,
  },
  {
    what: "JSON lines in Windows-1252",
    text: Buffer.from('{"id":"M\u00fcller","features":[5.1,3.5,1.4,0.2]}\n', "latin1"),
    format: "ndjson",
    expected: /^refused: the file is not UTF-8: line 1, byte 9 /,
  },
  {
    what: "JSON lines with keys of results and numbers that no double holds",
    text: '{"id":9007199254740993,"label":"a","class":1e400,"error":-0,"x":0.10,"features":[5.1,3.5,1.4,0.2]}\n',
    format: "ndjson",
    expected: `{"id":9007199254740993,"label":"a","class":1e400,"error":-0,"x":0.10,"features":[5.1,3.5,1.4,0.2],${JSON_RESULT.replace('"class"', '"class_2"').replace('"label"', '"label_2"').replace('"error"', '"error_2"')}}\n`,
  },
  {
    what: "lists as JSON lines",
    text: "[5.1,3.5,1.4,0.2]\r\n",
    format: "ndjson",
    expected: `{"input":[5.1,3.5,1.4,0.2],${JSON_RESULT}}\r\n`,
  },
  {
    what: "headings of results",
    text: `label,label_2,${HEAD}\nx,y,${ROW}\n`,
    expected: `label,label_2,${HEAD},class,label_3,confidence,`,
  },
  {
    what: "headings that are aliases",
    text: `Id,${KAGGLE.join(",")}\n1,${ROW}\n`,
    expected: `1,${ROW},${SETOSA}\n`,
  },
  {
    what: "keys that are aliases",
    text: `{${KAGGLE.map((key, index) => `"${key}":${ROW.split(",")[index]}`).join(",")}}\n`,
    format: "ndjson",
    expected: `,${JSON_RESULT}}\n`,
  },
  {
    what: "headings in other words",
    text: `"Sepal.Width";Sepal Length (cm);PETAL_WIDTH;petal length\r3,5;5,1;0,2;1,4\r`,
    expected: "\r3,5;5,1;0,2;1,4;0;setosa;1;1;0;0;\r",
  },
  {
    what: "a byte order mark, blank lines and no line end",
    text: `\uFEFF\r\n${HEAD}\r\n\r\n${ROW}`,
    expected: `\r\n\r\n${ROW},${SETOSA}`,
  },
  {
    what: "gzip",
    text: gzipSync(`${HEAD}\n${ROW}\n`),
    expected: `${ROW},${SETOSA}\n`,
  },
  {
    what: "a workbook",
    text: "PK\u0003\u0004 and so on",
    expected: "refused: the file is a workbook or a ZIP archive; save it as CSV UTF-8",
  },
  {
    what: "UTF-16",
    text: Buffer.from(`\uFEFF${HEAD}\n${ROW}\n`, "utf16le"),
    expected: "refused: the file is UTF-16; save it as UTF-8",
  },
  {
    what: "rows that are bad, short and long",
    text: `id,${HEAD}\n1,5.1,-3,nan,x\n2,5.1\n3,${ROW},4\n`,
    expected: "row 3: The row has 6 cells, the header 5 (too_long)",
  },
];

test.each(CASES)("$what", async ({ text, expected, ...given }) => {
  const bytes = new Uint8Array(Buffer.from(text));
  const file = { bytes, charset: "utf-8", format: "csv", ...given } as const;
  const result = await expectOneResult(file, true);
  if (typeof expected === "string") expect(result).toContain(expected);
  else expect(result).toMatch(expected);
});

test("the iris table of this repository", async () => {
  const bytes = new Uint8Array(
    readFileSync(new URL("../../../models/datasets/iris.csv", import.meta.url)),
  );
  const result = await expectOneResult({ bytes, charset: "utf-8", format: "csv" }, true);
  expect(result.split("\n")).toHaveLength(latin1(bytes).split("\n").length);
});
