import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addTo, staged } from "../support/added-models.ts";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { copyWorkspace, type WorkspaceCopy } from "../support/workspace-copy.ts";

// Models as notebooks dump them, opened and converted by a Python of an environment of its own, served, and compared with
// the library on rows that are not in their tables.

const run = promisify(execFile);
const fixtures = fileURLToPath(new URL("../fixtures/pickles/", import.meta.url));

interface PickleCase {
  readonly path: string;
  readonly rows: readonly (readonly unknown[])[];
  readonly kind: "proba" | "label" | "values";
  readonly expected: readonly (string | number | readonly number[])[];
}

const MODELS = [
  "forest.pkl",
  "arrays.joblib",
  "linear.skops",
  "titanic_linear.joblib",
  "titanic_forest.pkl",
  "search.joblib",
  "machine.pkl",
  "hist.joblib",
  "voting.joblib",
  "light.joblib",
  "ridge.pkl",
  "several.joblib",
];

let folder: string;
let python: string;
let cases: readonly PickleCase[];
let workspace: WorkspaceCopy;
let api: ApiProcess;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-pickles-"));
  await run("python3", ["-m", "venv", file("venv")]);
  python = file("venv/bin/python");
  await run(python, ["-m", "pip", "install", "-q", "-r", join(fixtures, "requirements.txt")]);
  await run(python, ["-W", "ignore", join(fixtures, "make_pickles.py")], { cwd: folder });
  cases = JSON.parse(await readFile(file("cases.json"), "utf8"));
  workspace = await copyWorkspace();
  api = await startApi({
    cwd: workspace.path,
    main: workspace.file("apps/api/src/main.ts"),
    variables: { MODELS_POLL_MS: "100" },
  });
}, 1_200_000);
afterAll(async () => {
  expect(await staged(workspace)).toEqual([]);
  await api[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const add = (path: string, data: string, ...args: string[]) =>
  addTo(workspace, file(path), "--data", file(data), "--python", python, ...args);

async function served(model: string): Promise<void> {
  await eventually(async () => {
    const { body } = await send(`${api.url}/models/${model}`);
    return body.state === "ready";
  }, `${model} is served`);
}

/** Numbers or labels of a batch's predictions. */
async function predictions(contract: string, rows: PickleCase["rows"]) {
  const { status, body } = await post(`${api.url}/${contract}/predict-batch`, { rows });
  expect(status, JSON.stringify(body).slice(0, 500)).toBe(200);
  return body.predictions;
}

const near = (expected: number) => 1e-5 + 1e-6 * Math.abs(expected);

test("are the files that are written", () => {
  expect(cases.map(({ path }) => path)).toEqual(MODELS);
});

describe("predicts as the pickled model", () => {
  test.each(MODELS)("%s", async (path) => {
    const [name = ""] = path.split(".");
    const example = cases.find((each) => each.path === path);
    const { code, text } = await add(path, `${name}.csv`, "--contract-name", name, "--unpickle");
    expect(text).toContain("it answers as the library did on every row");
    expect(text).toMatch(/converted from \S+ with scikit-learn 1\.9\.1 and skl2onnx 1\.20\.0/);
    expect(code).toBe(0);
    await served(name.replaceAll("_", "-"));
    const found = await predictions(name, example?.rows ?? []);
    for (const [row, wanted] of (example?.expected ?? []).entries()) {
      const { label, proba, values } = found[row];
      if (typeof wanted === "string") expect(label).toBe(wanted);
      const numbers = proba ?? Object.values(values ?? {});
      const expected = Array.isArray(wanted) ? wanted : typeof wanted === "number" ? [wanted] : [];
      if (expected.length === 0) continue;
      expect(numbers).toHaveLength(expected.length);
      for (const [place, value] of expected.entries()) {
        expect(Math.abs(numbers[place] - value), `row ${row}`).toBeLessThanOrEqual(near(value));
      }
    }
  });
});

test.each([
  [
    "dictionary.pkl",
    /it holds a dict of \['model', 'scaler'\]: dump the fitted estimator alone, or one Pipeline/,
  ],
  ["unfitted.pkl", /LogisticRegression is not fitted: call fit before it is dumped/],
  ["local.pkl", /Can't get attribute 'Local'.*it uses a class or function of the notebook itself/],
  ["hostile.pkl", /it holds builtins\.NoneType, not an estimator with predict/],
])("refuses %s with the remedy", async (path, message) => {
  const { code, text } = await add(path, "flowers.csv", "--unpickle");
  expect(text).toMatch(message);
  expect(text).toContain("to_onnx(model, initial_types=types)");
  expect(code).toBe(1);
});

test("ends one that computes without end", async () => {
  const { code, text } = await add("endless.pkl", "flowers.csv", "--unpickle", "--timeout", "1");
  expect(text).toContain("it took longer than 31 s; --timeout gives it more");
  expect(code).toBe(1);
});

test("gives the code in a pickle no variable of the environment, and a folder of its own", async () => {
  await rm(file("seen.json"), { force: true });
  process.env["SEPAL_TEST_SECRET"] = "not-for-pickles";
  try {
    const unasked = await add("hostile.pkl", "flowers.csv");
    expect(unasked.text).toContain("where you trust who made it, give --unpickle");
    await expect(readFile(file("seen.json"))).rejects.toThrow("ENOENT");
    await add("hostile.pkl", "flowers.csv", "--unpickle");
  } finally {
    delete process.env["SEPAL_TEST_SECRET"];
  }
  const text = await readFile(file("seen.json"), "utf8");
  expect(text).not.toContain("not-for-pickles");
  const [variables, cwd] = JSON.parse(text);
  expect(Object.keys(variables)).not.toContain("PATH");
  expect(cwd).toMatch(/sepal-pickle-\w+$/);
});

test("names the types of a .skops file that skops does not know, and does not open it unasked", async () => {
  const { code, text } = await add("untrusted.skops", "flowers.csv");
  expect(text).toMatch(/skops does not know its types .*posixpath\.join: .*give --unpickle/);
  expect(code).toBe(1);
});

test("says three lines that make the ONNX file", async () => {
  const { text } = await addTo(
    workspace,
    file("forest.pkl"),
    "--data",
    file("forest.csv"),
    "--python",
    "/nowhere/python",
    "--unpickle",
  );
  const lines = [...text.matchAll(/^ {2}(\S.*)$/gm)].map(([, line = ""]) => line);
  expect(lines).toHaveLength(3);
  const program = ["import joblib", `model = joblib.load(${JSON.stringify(file("forest.pkl"))})`];
  await writeFile(file("by_hand.py"), [...program, ...lines].join("\n"));
  await run(python, [file("by_hand.py")], { cwd: folder });
  const added = await addTo(workspace, file("model.onnx"), "--data", file("forest.csv"));
  expect(added.text).toContain("answers as the file did on every row");
});
