import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { contractOfFile } from "@sepal/schema/contract-schema";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { playgroundDownload } from "../../../web/test/playground-download.ts";
import { untouched } from "../../../../packages/add-model/test/untouched-model.ts";
import { addTo } from "../support/added-models.ts";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { CSV, NDJSON } from "../support/csv-file.ts";
import { readCase, type ExportedCase } from "../support/exported-case.ts";
import { post, send } from "../support/json-request.ts";
import { FULL } from "../support/sized.ts";
import { copyWorkspace, type WorkspaceCopy } from "../support/workspace-copy.ts";

// Models as tools export them, each a folder <name>/ with <name>.onnx, <name>.csv and test.json: rows with the library's
// own predictions. They are added to a server that runs, and have to predict as the library does; the table
// that each was added with is scored as it is, by the server, by `score` and by what the playground's worker runs.
// `models:try` takes other folders of such cases; the table at the end is the report.

const FOLDER =
  process.env["EXPORTED_MODELS"] ??
  fileURLToPath(new URL("../fixtures/exported/", import.meta.url));

const WORDS: Readonly<Partial<Record<ExportedCase["kind"], string>>> = {
  cluster: "clustering",
  multilabel: "a multilabel classifier",
};

/** How far a number may be from the expected one. */
const within = (expected: number) => 1e-5 + 1e-6 * Math.abs(expected);

interface Prediction {
  readonly label?: string;
  readonly proba?: readonly number[];
  readonly values?: Readonly<Record<string, number>>;
  readonly embedding?: readonly number[];
}

/** The largest distance of a prediction from the expected one, as a share of what is allowed. */
function distance(
  found: string | readonly number[] | undefined,
  expected: ExportedCase["expected"][number],
): number {
  if (typeof expected === "string") return found === expected ? 0 : Infinity;
  const wanted = typeof expected === "number" ? [expected] : expected;
  if (!Array.isArray(found) || found.length !== wanted.length) return Infinity;
  return Math.max(
    ...wanted.map((value, at) => Math.abs((found[at] ?? NaN) - value) / within(value)),
  );
}

/** Of the repository's own: data outside the file, texts and numbers with gaps, two targets, texts and their vectors. */
const IN_SHORT = new Set([
  "price_pipeline",
  "text_vectors",
  "texts",
  "titanic_pipeline",
  "torch_external",
  "two_targets",
  "xgb_missing",
]);
const every = FULL || process.env["EXPORTED_MODELS"] !== undefined;

/** What of a prediction is compared. */
function compared({ label, proba, values, embedding }: Prediction, kind: ExportedCase["kind"]) {
  return kind === "label" ? label : (embedding ?? proba ?? Object.values(values ?? {}));
}

/** Why an expectation cannot be met: the file itself, run by ONNX Runtime, is as far from it. */
async function faultOfTheCase(
  { model, rows, expected }: ExportedCase,
  row: number,
): Promise<string> {
  try {
    const [found] = await untouched(model, rows.slice(row, row + 1));
    const share = distance(found, expected[row] ?? []);
    return `; ONNX Runtime's own [${found?.join(", ")}] with the untouched file is ${share.toPrecision(2)} of it`;
  } catch {
    return "";
  }
}

const names = (await readdir(FOLDER, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .filter((name) => every || IN_SHORT.has(name))
  .toSorted();

const report: string[] = [];
const COLUMNS =
  "| model | kind | added with | rows | expected of | largest difference, of what is allowed | table by HTTP, score, playground |";
let workspace: WorkspaceCopy;
let api: ApiProcess;
beforeAll(async () => {
  workspace = await copyWorkspace();
  api = await startApi({
    cwd: workspace.path,
    main: workspace.file("apps/api/src/main.ts"),
    variables: { MODELS_POLL_MS: "100" },
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
  const lines = [COLUMNS, COLUMNS.replaceAll(/[^|]+/g, " --- "), ...report.toSorted()];
  process.stdout.write(`${lines.join("\n")}\n`);
});

/** Adds a model; where the refusal names the option that its scores need, again with that. */
async function add({ name, model, table, args }: ExportedCase) {
  const given = [model, "--data", table, "--contract-name", name, ...args];
  const first = await addTo(workspace, ...given);
  const [, ending] = /at its end with (--softmax|--sigmoid)/.exec(first.text) ?? [];
  if (first.code === 0 || ending === undefined) return { ...first, args };
  return { ...(await addTo(workspace, ...given, ending)), args: [...args, ending] };
}

describe("exported models", () => {
  test.concurrent.each(names)("%s", async (name) => {
    const example = await readCase(FOLDER, name);
    const { kind, rows, expected, source, table } = example;
    const { code, text, args } = await add(example);
    const shown = args.filter((each) => each.startsWith("--")).join(" ");
    const start = `| ${name} | ${kind} | ${shown} |`;
    const refused = WORDS[kind];
    if (refused !== undefined) {
      expect(text).toContain(`${refused} is not supported yet`);
      expect(code).toBe(1);
      report.push(`${start} | | refused: ${refused} is not supported yet | |`);
      return;
    }
    expect(text).toContain("answers as the file did on every row");
    expect(code).toBe(0);
    const model = name.replaceAll("_", "-");
    await eventually(async () => {
      const { body } = await send(`${api.url}/models/${model}`);
      return body.state === "ready";
    }, `${model} is served`);

    const { status, body } = await post(`${api.url}/${name}/predict-batch`, { rows });
    expect(status, JSON.stringify(body).slice(0, 500)).toBe(200);
    const distances = expected.map((each, row) =>
      distance(compared(body.predictions[row], kind), each),
    );
    const worst = Math.max(...distances);
    const wrong = distances.findIndex((each) => !(each <= 1));
    const why = wrong === -1 ? "" : await faultOfTheCase(example, wrong);
    const line = `${start} ${distances.length} | ${source} | ${worst.toPrecision(2)}${why} |`;
    const place = report.push(`${line} not tried |`) - 1;
    expect(wrong, report[place]).toBe(-1);

    const bytes = await readFile(table);
    const response = await fetch(`${api.url}/${name}/predict-file`, {
      method: "POST",
      headers: CSV,
      body: bytes,
    });
    const online = await response.text();
    expect(response.status, online.slice(0, 500)).toBe(200);
    const output = workspace.file(`${name}.scored.csv`);
    const folder = ["--models", workspace.file("models")];
    const scoring = [table, output, "--model", model, ...folder];
    const run = await workspace.run("packages/score/src/main.ts", scoring);
    expect(run.text).toContain(", 0 of them bad");
    expect(await readFile(output, "utf8")).toBe(online);
    const contract = contractOfFile((await send(`${api.url}/contracts/${name}`)).body);
    const file = { bytes: new Uint8Array(bytes), charset: "utf-8", contract } as const;
    const download = await playgroundDownload(api.url, file, { model, version: "1" });
    expect("file" in download ? download.file.toString() : download.problem).toBe(online);
    report[place] = `${line} the same bytes |`;
  });
});

describe.runIf(names.includes("titanic_pipeline"))("a boolean of a mounted contract", () => {
  const passenger = {
    cabin_class: 2,
    sex: "male",
    age: 46.3,
    alone: false,
    fare: 24,
    port: "Q",
  };
  const heading = Object.keys(passenger).join(",");
  const predictFile = (text: string, headers: Record<string, string>) =>
    post(`${api.url}/titanic_pipeline/predict-file`, text, headers);
  const DATATYPES = ["INT64", "BYTES", "FP32", "BOOL", "FP32", "BYTES"];

  test.each([["true"], [1], [0], [null], [{}]])("is not %j", async (value) => {
    const bad = { ...passenger, alone: value };
    const msg = "Input should be a valid boolean";
    const loc = ["body", "features", "alone"];
    const detail = [{ type: "bool_type", loc, msg, input: value }];
    const rest = await post(`${api.url}/titanic_pipeline/predict`, { features: bad });
    expect([rest.status, rest.body.detail]).toEqual([422, detail]);
    const trpc = await post(`${api.url}/trpc/titanic_pipeline.predict`, { features: bad });
    expect([trpc.status, trpc.body.error.data.detail]).toEqual([422, detail]);
    const inputs = Object.entries(bad).map(([name, data], index) => ({
      name,
      shape: [1],
      datatype: DATATYPES[index],
      data: [data],
    }));
    const oip = await post(`${api.url}/v2/models/titanic-pipeline/infer`, { inputs });
    expect([oip.status, oip.body.error]).toEqual([400, `input "alone", row 0: ${msg}`]);
    const { text } = await predictFile(JSON.stringify(bad), NDJSON);
    expect(JSON.parse(text).error).toBe(`row 1: column alone: ${msg} (bool_type)`);
  });

  test.each([
    ["TRUE", true],
    ["False", false],
    ["1", true],
    ["0", false],
  ])("is the cell %s", async (cell, alone) => {
    const cells = Object.values({ ...passenger, alone: cell }).join(",");
    const { text } = await predictFile(`${heading}\n${cells}\n`, CSV);
    const { body } = await post(`${api.url}/titanic_pipeline/predict`, {
      features: { ...passenger, alone },
    });
    const line = `${cells},${body.class},${body.label},${body.confidence},${body.proba.join(",")},`;
    expect(text.split("\n")[1]).toBe(line);
  });

  test.each([
    ["yes", "valid boolean, unable to interpret input (bool_parsing)"],
    ["2", "valid boolean, unable to interpret input (bool_parsing)"],
    ["", "Field required (missing)"],
  ])("is not the cell %j", async (cell, error) => {
    const cells = Object.values({ ...passenger, alone: cell }).join(",");
    const { text } = await predictFile(`${heading}\n${cells}\n`, CSV);
    expect(text).toContain(`row 1: column alone: `);
    expect(text).toContain(error);
  });
});
