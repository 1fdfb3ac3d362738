import { cp, rename, rm, truncate } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, type ApiProcess, type LogLine } from "../support/api-process.ts";
import { send } from "../support/json-request.ts";
import {
  addModel,
  answersBy,
  card,
  cardShows,
  predict,
  setDefault,
  startOwnRepository,
  writeVersionLike,
} from "../support/living-registry.ts";
import type { TestRepository } from "../support/model-repository.ts";
import type { ServedRepository } from "../support/served-repository.ts";

// Models and versions that appear, change and go while one server runs; each test has a model of its own.

let server: ServedRepository;
let repository: TestRepository;
let api: ApiProcess;
beforeAll(async () => {
  server = await startOwnRepository();
  ({ repository, api } = server);
});
afterAll(() => server[Symbol.asyncDispose]());

const added = (name: string) => addModel(repository, api.url, name);

/** Waits for a log line. */
async function logged(fields: Readonly<Record<string, unknown>>): Promise<void> {
  const fits = (line: LogLine) =>
    Object.entries(fields).every(([key, value]) => line[key] === value);
  await eventually(() => api.log.some(fits), `a log line ${JSON.stringify(fields)}`);
}

async function metrics(): Promise<string[]> {
  return (await send(`${api.url}/metrics`)).text.split("\n");
}

describe("a version that appears", () => {
  test("is loaded beside the old one, and answers by default once model.json names it", async () => {
    const model = await added("grows");
    const old = await predict(api.url, { model_name: model });
    await writeVersionLike(repository, { model, version: "2", like: "iris-logistic" });
    await cardShows(api.url, model, ({ versions }) => versions[1]?.state === "ready");
    expect(await predict(api.url, { model_name: model })).toMatchObject({ model_version: "1" });
    const fresh = await predict(api.url, { model_name: model, model_version: "2" });
    expect(fresh.model_version).toBe("2");
    expect(fresh.proba).not.toEqual(old.proba);
    await setDefault(repository, model, "2");
    await answersBy(api.url, model, "2");
    expect((await predict(api.url, { model_name: model })).proba).toEqual(fresh.proba);
    await setDefault(repository, model, "1");
    await answersBy(api.url, model, "1");
    expect((await predict(api.url, { model_name: model })).proba).toEqual(old.proba);
    const lines = await metrics();
    expect(lines).toContain(`model_loads_total{model="${model}",version="2"} 1`);
    expect(lines).toContain(`model_loads_total{model="${model}",version="1"} 1`);
    expect(lines).toContain(`model_ready{model="${model}",version="2"} 1`);
  });

  test("and is bad is refused with its reason, while the old one goes on as the default", async () => {
    const model = await added("grows-badly");
    await writeVersionLike(repository, { model, version: "2", like: "iris-logistic" });
    await truncate(repository.file(model, "2", "model.onnx"), 100);
    await setDefault(repository, model, "2");
    await cardShows(api.url, model, ({ versions }) => versions[1]?.state === "unavailable");
    const { versions, state, default_version, reason } = await card(api.url, model);
    expect(versions[1].reason).toMatch(/^checksum of model\.onnx is /);
    expect([state, default_version]).toEqual(["ready", "1"]);
    expect(reason).toMatch(
      /^its default version "2" is not ready: checksum .* "1" is still served$/,
    );
    expect(await predict(api.url, { model_name: model })).toMatchObject({ model_version: "1" });
    await logged({ model, version: "2", state: "unavailable", level: "error" });
    const { degraded } = (await send(`${api.url}/health/ready`)).body;
    expect(degraded).toContainEqual(expect.objectContaining({ model_name: model }));
    // Mended, it takes over.
    await writeVersionLike(repository, { model, version: "2", like: "iris-logistic" });
    await answersBy(api.url, model, "2");
    expect((await card(api.url, model)).reason).toBeNull();
  });
});

describe("a version whose files change", () => {
  test("is replaced by what they are now, and counts as another load", async () => {
    const model = await added("changes");
    const before = await predict(api.url, { model_name: model });
    await writeVersionLike(repository, { model, version: "1", like: "iris-mlp" });
    await eventually(async () => {
      const { proba } = await predict(api.url, { model_name: model });
      return JSON.stringify(proba) !== JSON.stringify(before.proba);
    }, "the changed files answer");
    expect(await metrics()).toContain(`model_loads_total{model="${model}",version="1"} 2`);
  });

  test("for the worse stays as it was loaded, says so, and is well again with its old files", async () => {
    const model = await added("worsens");
    const before = await predict(api.url, { model_name: model });
    await truncate(repository.file(model, "1", "model.onnx"), 100);
    await cardShows(api.url, model, ({ reason }) => reason !== null);
    const { state, reason, versions } = await card(api.url, model);
    expect(state).toBe("ready");
    expect(reason).toMatch(/^its changed files are refused: checksum of model\.onnx/);
    expect(versions[0].reason).toBe(reason);
    expect((await predict(api.url, { model_name: model })).proba).toEqual(before.proba);
    await logged({ model, version: "1", state: "ready", reason, level: "error" });
    const onnx = repository.file("iris-forest", "1", "model.onnx");
    await cp(onnx, repository.file(model, "1", "model.onnx"));
    await cardShows(api.url, model, (card) => card.reason === null);
    expect(await metrics()).toContain(`model_loads_total{model="${model}",version="1"} 1`);
  });

  test("many times in a row ends as the last of them", async () => {
    const model = await added("hurries");
    const likes = ["iris-mlp", "iris-logistic", "iris-mlp", "iris-forest", "iris-logistic"];
    for (const like of likes) await writeVersionLike(repository, { model, version: "1", like });
    const { proba } = await predict(api.url, { model_name: "iris-logistic" });
    await eventually(async () => {
      const now = await predict(api.url, { model_name: model });
      return JSON.stringify(now.proba) === JSON.stringify(proba);
    }, "the last files answer");
  });
});

describe("what is removed", () => {
  test("goes: a version that is not the default, then the model", async () => {
    const model = await added("goes");
    await writeVersionLike(repository, { model, version: "2", like: "iris-mlp" });
    await cardShows(api.url, model, ({ versions }) => versions[1]?.state === "ready");
    await rm(repository.file(model, "2"), { recursive: true });
    await cardShows(api.url, model, ({ versions }) => versions.length === 1);
    const gone = await predict(api.url, { model_name: model, model_version: "2" });
    expect(gone.detail).toBe(`model "${model}" has no version "2"`);
    await rm(repository.file(model), { recursive: true });
    await eventually(
      async () => (await send(`${api.url}/models/${model}`)).status === 404,
      "the model is gone",
    );
    expect(
      (await metrics()).filter((line) => line.startsWith(`model_ready{model="${model}"`)),
    ).toEqual([]);
  });

  test("while it is the default goes on until a ready one takes its place", async () => {
    const model = await added("lingers");
    await rename(repository.file(model, "1"), repository.file("put-aside"));
    await cardShows(api.url, model, ({ reason }) => reason === "its folder is gone");
    expect((await predict(api.url, { model_name: model })).model_version).toBe("1");
    // Put back it is as it was, without another load.
    await rename(repository.file("put-aside"), repository.file(model, "1"));
    await cardShows(api.url, model, ({ reason }) => reason === null);
    expect(await metrics()).toContain(`model_loads_total{model="${model}",version="1"} 1`);
    await writeVersionLike(repository, { model, version: "2", like: "iris-mlp" });
    await rm(repository.file(model, "1"), { recursive: true });
    await setDefault(repository, model, "2");
    await answersBy(api.url, model, "2");
    await cardShows(api.url, model, ({ versions }) => versions.length === 1);
  });

  test("and put back is served again", async () => {
    const model = await added("returns");
    await rename(repository.file(model), repository.file("elsewhere.tmp"));
    await eventually(
      async () => (await send(`${api.url}/models/${model}`)).status === 404,
      "the model is gone",
    );
    await rename(repository.file("elsewhere.tmp"), repository.file(model));
    await answersBy(api.url, model, "1");
  });
});
