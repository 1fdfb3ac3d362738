import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileOfContract } from "@sepal/schema/contract-schema";
import { createInferenceSession } from "@sepal/model/session/inference-session";
import type { Contract } from "@sepal/schema/define-contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { wave } from "../support/hostile-onnx.ts";
import { post, send } from "../support/json-request.ts";
import { copyOfModels, type TestRepository } from "../support/model-repository.ts";

// A mounted contract of as many features as there may be, whose texts are Markdown and HTML.

const FEATURES = 1000;
const MARKDOWN = "**Wide** [here](https://example.org) `code` <img src=x onerror=alert(1)> | # 1";

const contract: Contract = {
  name: "wide",
  title: MARKDOWN,
  description: MARKDOWN,
  task: "classification",
  features: Array.from({ length: FEATURES }, (_, index) => ({
    type: "number",
    name: `x${index}`,
    label: index === 0 ? MARKDOWN : `x${index}`,
  })),
  classes: [MARKDOWN, "second", "third"],
  examples: [{ name: "ones", features: Array.from({ length: FEATURES }, () => 1) }],
};

const ROW = Array.from({ length: FEATURES }, (_, index) => (index % 7) / 7);

const sum = (bytes: Uint8Array) => ({
  sha256: createHash("sha256").update(bytes).digest("hex"),
  bytes: bytes.length,
});

async function writeModel(models: TestRepository): Promise<void> {
  const write = async (path: readonly string[], data: Uint8Array | string) => {
    await mkdir(dirname(models.file(...path)), { recursive: true });
    await writeFile(models.file(...path), data);
  };
  const onnx = wave({ features: FEATURES, classes: 3 });
  const session = await createInferenceSession(onnx);
  const { classes, values } = await session.run(Float32Array.from(ROW), FEATURES);
  await session.release();
  const group = { name: "row", features: [ROW], class: [Number(classes[0])], proba: [[...values]] };
  const golden = Buffer.from(JSON.stringify({ groups: [group] }));
  const names = contract.features.map(({ name }) => name);
  const rows = Array.from({ length: 20 }, (_, row) => [
    ...names.map((_name, index) => (row * index) % 5),
    "second",
  ]);
  const dataset = [[...names, "class"], ...rows].map((cells) => cells.join(",")).join("\n");
  const iris = JSON.parse(await readFile(models.file("iris-forest", "1", "manifest.json"), "utf8"));
  const [column] = iris.features;
  const tensors = (name: string, shape: readonly number[]) => ({ name, datatype: "FP32", shape });
  const manifest = {
    ...iris,
    model_name: "wide",
    contract: "wide",
    inputs: [tensors("features", [-1, FEATURES])],
    outputs: [{ name: "class", datatype: "INT64", shape: [-1] }, tensors("proba", [-1, 3])],
    features: names.map((name) => Object.assign({}, column, { name })),
    classes:
      contract.task === "classification"
        ? contract.classes.map((label) => ({ label, count: 1 }))
        : [],
    training: {
      dataset: "datasets/wide.csv",
      dataset_sha256: createHash("sha256").update(dataset).digest("hex"),
      rows: rows.length,
    },
    files: { "model.onnx": sum(onnx), "golden.json": sum(golden) },
  };
  await write(["contracts", "wide.json"], JSON.stringify(fileOfContract(contract)));
  await write(["datasets", "wide.csv"], dataset);
  await write(["wide", "1", "model.onnx"], onnx);
  await write(["wide", "1", "golden.json"], golden);
  await write(["wide", "1", "manifest.json"], JSON.stringify(manifest));
  const file = { contract: "wide", default_version: "1", description: MARKDOWN };
  await write(["wide", "model.json"], JSON.stringify(file));
}

let models: TestRepository;
let api: ApiProcess;
beforeAll(async () => {
  models = await copyOfModels();
  api = await startApi({ variables: { MODELS_DIR: models.path, MODELS_POLL_MS: "50" } });
  await writeModel(models);
  await eventually(
    async () => (await send(`${api.url}/models/wide`)).body.state === "ready",
    "the mounted contract is served",
  );
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await models[Symbol.asyncDispose]();
});

test("rows of a thousand features are lists, objects and lines of a file, with one prediction", async () => {
  const { status, body } = await post(`${api.url}/wide/predict`, { features: ROW });
  expect([status, body.proba.length]).toEqual([200, 3]);
  const named = Object.fromEntries(ROW.map((value, index) => [`x${index}`, value]));
  const object = await post(`${api.url}/wide/predict`, { features: named });
  expect(object.body.proba).toEqual(body.proba);
  const csv = `${Object.keys(named).join(",")}\n${ROW.join(",")}\n`;
  const file = await fetch(`${api.url}/wide/predict-file`, {
    method: "POST",
    headers: { "content-type": "text/csv" },
    body: csv,
  });
  const [heading = "", line = ""] = (await file.text()).split("\n");
  expect(heading).toContain(`proba_${MARKDOWN}`);
  expect(line).toContain(body.proba.join(","));
});

test("a broken rule of the last feature is found by its name", async () => {
  const named = Object.fromEntries(ROW.map((value, index) => [`x${index}`, value]));
  const { status, body } = await post(`${api.url}/wide/predict`, {
    features: { ...named, x999: "many" },
  });
  expect(status).toBe(422);
  expect(body.detail).toMatchObject([{ type: "float_type", loc: ["body", "features", "x999"] }]);
});

test("it is explained by a sample", async () => {
  const { body } = await post(`${api.url}/wide/explain`, { features: ROW });
  expect(body).toMatchObject({ method: "sampled" });
  expect(Object.keys(body.contributions)).toHaveLength(FEATURES);
});

test("its texts are text wherever they are shown", async () => {
  const { body: document } = await send(`${api.url}/openapi.json`);
  expect(Object.keys(document.paths)).toContain("/wide/predict");
  expect((await send(`${api.url}/contracts/wide`)).body.title).toBe(MARKDOWN);
  const page = await fetch(`${api.url}/docs`);
  expect(await page.text()).not.toContain("onerror");
});
