import { readFile, rm, truncate } from "node:fs/promises";
import { wine } from "@sepal/schema/contracts/wine";
import { describe, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { copyOfModels, emptyRepository, writeVersion } from "../support/model-repository.ts";

const GOOD = { features: [5.1, 3.5, 1.4, 0.2] };

/** Holds a server whose default model does not answer against everything it then says. */
async function expectNoPredictions({ url }: ApiProcess, reason: RegExp) {
  const matching = expect.stringMatching(reason);
  expect((await send(`${url}/health/live`)).status).toBe(200);
  const ready = await send(`${url}/health/ready`);
  expect([ready.status, ready.body]).toEqual([
    503,
    expect.objectContaining({ status: "not_ready", reason: matching }),
  ]);
  const health = await send(`${url}/health`);
  expect([health.status, health.body]).toEqual([
    503,
    expect.objectContaining({ status: "unavailable", model_loaded: false, reason: matching }),
  ]);
  expect((await send(`${url}/v2/health/ready`)).body).toEqual({ live: true, ready: false });
  for (const [path, body] of [
    ["/predict", GOOD],
    ["/predict-batch", { rows: [GOOD.features] }],
    ["/trpc/predict", GOOD],
  ] as const) {
    const reply = await post(url + path, body);
    expect(reply.status).toBe(503);
    expect(reply.headers.get("retry-after")).toBe("1");
    expect(reply.body.error?.message ?? reply.body.detail).toMatch(reason);
  }
  for (const text of [ready.text, health.text]) expect(text).not.toMatch(/(?:^|[\s"'(:])\/\w/);
}

test("a broken default model: nothing by default, the others by name", async () => {
  await using repository = await copyOfModels();
  await truncate(repository.file("iris-forest", "1", "model.onnx"), 100);
  await using api = await startApi({ variables: { MODELS_DIR: repository.path }, ready: false });
  const byName = () => post(`${api.url}/predict`, { ...GOOD, model_name: "iris-mlp" });
  await eventually(async () => (await byName()).status === 200, "another model answers");
  await expectNoPredictions(api, /checksum of model\.onnx/);
  const { body } = await send(`${api.url}/health/ready`);
  expect(body.degraded).toMatchObject([{ model_name: "iris-forest", model_version: "1" }]);
});

test("a broken required model: not ready, though the default one predicts", async () => {
  await using repository = await copyOfModels();
  await rm(repository.file("iris-mlp", "1", "golden.json"));
  const variables = { MODELS_DIR: repository.path, REQUIRED_MODELS: "iris-logistic,iris-mlp" };
  await using api = await startApi({ variables, ready: false });
  const ready = () => send(`${api.url}/health/ready`);
  const refused = async () => (await ready()).body.degraded.length === 1;
  await eventually(refused, "the broken model is refused");
  const reply = await ready();
  expect(reply.status).toBe(503);
  expect(reply.body.reason).toBe('model "iris-mlp" is not ready: ENOENT (open)');
  expect((await send(`${api.url}/health`)).status).toBe(200);
  expect((await post(`${api.url}/predict`, GOOD)).status).toBe(200);
});

test("a required model that does not exist: not ready", async () => {
  await using api = await startApi({ variables: { REQUIRED_MODELS: "rose" }, ready: false });
  const health = () => send(`${api.url}/health`);
  await eventually(async () => (await health()).status === 200, "the default model answers");
  const reply = await send(`${api.url}/health/ready`);
  expect([reply.status, reply.body.reason]).toEqual([503, 'there is no model "rose"']);
});

describe("no model at all", () => {
  test("in an empty folder: ready, without a default", async () => {
    await using repository = await emptyRepository();
    await using api = await startApi({ variables: { MODELS_DIR: repository.path } });
    const { status, body } = await send(`${api.url}/health`);
    expect([status, body.default_model, body.model_loaded]).toEqual([200, null, false]);
    const reply = await post(`${api.url}/predict`, GOOD);
    expect([reply.status, reply.body.detail]).toEqual([
      404,
      expect.stringContaining("call it by its contract: /iris/predict, /wine/predict"),
    ]);
    const prefixed = await post(`${api.url}/iris/predict`, GOOD);
    expect([prefixed.status, prefixed.body.detail]).toEqual([
      404,
      'no model serves the contract "iris"',
    ]);
    expect((await send(`${api.url}/models`)).body).toEqual({ models: [] });
  });

  test("in a folder that does not exist", async () => {
    await using repository = await emptyRepository();
    const variables = { MODELS_DIR: repository.file("none") };
    await using api = await startApi({ variables, ready: false });
    const told = () => api.log.some((line) => line["level"] === "error");
    await eventually(told, "the log says so");
    await expectNoPredictions(api, /the model repository cannot be read: ENOENT \(scandir\)/);
  });

  test("of the default's name", async () => {
    await using api = await startApi({ variables: { DEFAULT_MODEL: "rose" }, ready: false });
    const state = async () => (await send(`${api.url}/models/iris-mlp`)).body.state;
    await eventually(async () => (await state()) === "ready", "the others are loaded");
    const health = await send(`${api.url}/health`);
    expect([health.status, health.body.model_loaded]).toEqual([503, false]);
  });
});

test("the routes without a prefix belong to the contract of the default model", async () => {
  await using api = await startApi({ variables: { DEFAULT_MODEL: "wine-forest" } });
  const [{ features }] = wine.examples;
  // Not by `post`, which compares responses with the document of a server whose default is iris.
  const predict = async (body: object) => {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const reply = await fetch(`${api.url}/predict`, init);
    return { status: reply.status, body: Object(await reply.json()) };
  };
  const { status, body } = await predict({ features });
  expect([status, body.label]).toEqual([200, "barolo"]);
  expect((await predict(GOOD)).status).toBe(422);
  const named = await predict({ features, model_name: "iris-forest" });
  expect([named.status, named.body.detail[0].loc]).toEqual([422, ["body", "model_name"]]);
  // Their types are those of iris.
  expect((await post(`${api.url}/trpc/predict`, GOOD)).status).toBe(404);
  expect((await post(`${api.url}/trpc/iris.predict`, GOOD)).status).toBe(200);
});

test("a model that takes its time to load: live at once, ready when it answers", async () => {
  await using repository = await copyOfModels();
  // Holding the model against so many golden rows takes a second or more.
  const golden = JSON.parse(
    String(await readFile(repository.file("iris-forest", "1", "golden.json"))),
  );
  const groups = Array.from({ length: 100 }, () => golden.groups).flat();
  await writeVersion(repository, { model: "iris-forest", version: "1", golden: { groups } });
  await using api = await startApi({ variables: { MODELS_DIR: repository.path }, ready: false });
  const card = async () => (await send(`${api.url}/models/iris-forest`)).body.state;
  await eventually(async () => (await card()) === "loading", "it is loading");
  await expectNoPredictions(api, /the model is loading/);
  await eventually(async () => (await fetch(`${api.url}/health/ready`)).ok, "ready");
  const reply = await post(`${api.url}/predict`, GOOD);
  expect(reply.body).toMatchObject({ class: 0, label: "setosa", proba: [1, 0, 0] });
  const { text } = await send(`${api.url}/metrics`);
  expect(text).toContain('model_loads_total{model="iris-forest",version="1"} 1\n');
});
