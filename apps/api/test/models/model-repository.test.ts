import { cp, rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { BREAKAGES } from "../support/broken-versions.ts";
import { post, send } from "../support/json-request.ts";
import { copyModel, copyOfModels, type TestRepository } from "../support/model-repository.ts";

const GOOD = { features: [5.1, 3.5, 1.4, 0.2] };

/** A name that a log line or a label would have to escape. */
const QUOTED = 'a "quoted" name';

let repository: TestRepository;
let api: ApiProcess;
beforeAll(async () => {
  repository = await copyOfModels();
  for (const { name, damage } of BREAKAGES) {
    await copyModel(repository, "iris-logistic", name);
    await damage(repository);
  }
  // A version that is still being written, beside a good one.
  await copyModel(repository, "iris-logistic", "growing");
  const second = repository.file("growing", "2");
  await cp(repository.file("growing", "1"), second, { recursive: true });
  await rm(`${second}/manifest.json`);
  await copyModel(repository, "iris-logistic", QUOTED);
  api = await startApi({ variables: { MODELS_DIR: repository.path } });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

describe.each(BREAKAGES)("a model that is $name", ({ name, version, reason }) => {
  test("is listed as degraded, with the reason", async () => {
    const { status, body } = await send(`${api.url}/health/ready`);
    expect(status).toBe(200);
    expect(body.status).toBe("ready");
    const own = body.degraded.filter((entry: { model_name: string }) => entry.model_name === name);
    expect(own).toEqual([
      { model_name: name, model_version: version, reason: expect.stringMatching(reason) },
    ]);
  });

  test("shows its state and reason on its card", async () => {
    const { status, body } = await send(`${api.url}/models/${name}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name,
      state: "unavailable",
      reason: expect.stringMatching(reason),
      accuracy: null,
      checksum: null,
    });
  });

  test("answers 503 with Retry-After to predictions over REST and tRPC", async () => {
    for (const path of ["/predict", "/trpc/predict"]) {
      const reply = await post(`${api.url}${path}`, { ...GOOD, model_name: name });
      expect(reply.status).toBe(503);
      expect(reply.headers.get("retry-after")).toBe("1");
      const message: string = reply.body.error?.message ?? reply.body.detail;
      const prefix = `model "${name}" is not ready: `;
      expect(message.slice(0, prefix.length)).toBe(prefix);
      expect(message.slice(prefix.length)).toMatch(reason);
    }
  });
});

test.each(["/models/truncated/background", "/v2/models/truncated", "/v2/models/truncated/ready"])(
  "%s is 503 while the model does not answer",
  async (path) => {
    const reply = await send(api.url + path);
    expect([reply.status, reply.headers.get("retry-after")]).toEqual([503, "1"]);
  },
);

test("no reason tells where on the machine the models are", async () => {
  const texts = await Promise.all(
    ["/health/ready", "/health", "/models"].map(async (path) => (await send(api.url + path)).text),
  );
  const logged = api.log.filter((line) => line["msg"] === "model");
  for (const text of [...texts, JSON.stringify(logged)]) {
    expect(text).not.toContain(repository.path);
    // An absolute path: a slash after a blank, a quote or a bracket, then a name.
    expect(text).not.toMatch(/(?:^|[\s"'(:])\/\w/);
  }
});

test("the others answer", async () => {
  for (const model_name of ["iris-forest", "iris-logistic", "iris-mlp", "growing"]) {
    const reply = await post(`${api.url}/predict`, { ...GOOD, model_name });
    expect(reply.body).toMatchObject({ label: "setosa", model_used: model_name });
  }
});

test("a name that would need escaping in a log line is refused", async () => {
  const reply = await post(`${api.url}/predict`, { ...GOOD, model_name: QUOTED });
  expect(reply.status).toBe(503);
  expect(reply.body.detail).toContain("manifest.json");
});

test("a version without its manifest is none", async () => {
  const reply = await post(`${api.url}/predict`, {
    ...GOOD,
    model_name: "growing",
    model_version: "2",
  });
  expect(reply.status).toBe(404);
  expect(reply.body.detail).toBe('model "growing" has no version "2"');
  const { body } = await send(`${api.url}/models/growing`);
  expect(body.versions.map((entry: { version: string }) => entry.version)).toEqual(["1"]);
});

test("what was refused counts as no load and as not ready", async () => {
  const { text } = await send(`${api.url}/metrics`);
  const samples = text.split("\n").filter((line) => !line.startsWith("#"));
  const loads = samples.filter((line) => line.startsWith("model_loads_total{"));
  expect(loads.toSorted()).toEqual(
    ["growing", "iris-forest", "iris-logistic", "iris-mlp"].map(
      (name) => `model_loads_total{model="${name}",version="1"} 1`,
    ),
  );
  expect(samples).toContain('model_ready{model="truncated",version="1"} 0');
  expect(samples).toContain('model_ready{model="iris-forest",version="1"} 1');
});

test("without its training data a model still predicts and is documented; what needs the data is 503 with the reason", async () => {
  const background = (model: string) => send(`${api.url}/models/${model}/background`);
  expect((await background("iris-mlp")).body.rows).toHaveLength(150);
  await rm(repository.file("datasets"), { recursive: true });
  const gone = 'the training data of model "iris-forest", datasets/iris.csv, cannot be read';
  for (const { status, headers, body } of [
    await background("iris-forest"),
    await post(`${api.url}/explain`, { ...GOOD, model_name: "iris-forest" }),
  ]) {
    expect([status, headers.get("retry-after"), body.detail]).toEqual([503, "1", gone]);
  }
  expect((await background("iris-mlp")).body.rows).toHaveLength(150);
  expect((await post(`${api.url}/predict`, { ...GOOD, model_name: "iris-forest" })).status).toBe(
    200,
  );
  const { status, body } = await send(`${api.url}/openapi.json`);
  expect(status).toBe(200);
  const { content } = body.paths["/explain"].post.responses[200];
  expect(content["application/json"]).not.toHaveProperty("example");
});
