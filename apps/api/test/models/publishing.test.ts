import { describe, expect, test } from "vitest";
import { decodeModel, MEDIA_TYPE } from "@sepal/evaluator/binary-form";
import { createEvaluator } from "@sepal/evaluator/evaluate";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { copyOfModels, edit } from "../support/model-repository.ts";
import { sharedApi } from "../support/shared-api.ts";

const FEATURES = [6, 2.7, 5.1, 1.6];
const evaluatorOf = (api: Pick<ApiProcess, "url">, model: string, version = "1") =>
  fetch(`${api.url}/models/${model}/versions/${version}/evaluator`);

describe("the evaluator's form of a model", () => {
  test("gives the server's own numbers, and is kept by its checksum", async () => {
    const api = await sharedApi();
    const response = await evaluatorOf(api, "iris-forest");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(MEDIA_TYPE);
    expect(response.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
    const { checksum, engine } = (await send(`${api.url}/models/iris-forest`)).body;
    const tag = response.headers.get("etag");
    expect(tag).toBe(`"${checksum}"`);
    expect(engine).toMatchObject({ name: "evaluator" });
    const model = decodeModel(new Uint8Array(await response.arrayBuffer()));
    const { values } = createEvaluator(model).evaluate(Float32Array.from(FEATURES), 1);
    const { proba } = (await post(`${api.url}/predict`, { features: FEATURES })).body;
    expect([...values]).toEqual(proba.map(Math.fround));
    const again = await fetch(response.url, { headers: { "if-none-match": tag ?? "" } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  test("is 404 with the reason where ONNX Runtime computes the model, and where there is none", async () => {
    const api = await sharedApi();
    const network = await evaluatorOf(api, "iris-mlp");
    expect(network.status).toBe(404);
    expect(Object(await network.json()).detail).toMatch(/^iris-mlp 1 is not evaluated: node /);
    expect((await evaluatorOf(api, "rose")).status).toBe(404);
    expect((await evaluatorOf(api, "iris-forest", "9")).status).toBe(404);
  });
});

describe("PUBLISH_MODELS", () => {
  const readable = async (api: ApiProcess) => {
    const background = await fetch(`${api.url}/models/iris-forest/background`);
    await background.body?.cancel();
    const evaluator = await evaluatorOf(api, "iris-forest");
    await evaluator.body?.cancel();
    return [background.status, evaluator.status];
  };

  test("keeps to the server what a model was made of, unless it comes with Sepal", async () => {
    await using models = await copyOfModels();
    const description = "a model of one's own";
    const manifest = models.file("iris-forest", "1", "manifest.json");
    await edit(manifest, (found) => ({ ...found, description }));
    await using api = await startApi({ variables: { MODELS_DIR: models.path } });
    expect(await readable(api)).toEqual([404, 404]);
    const { body } = await send(`${api.url}/models/iris-forest/background`);
    expect(body.detail).toContain("is not published; PUBLISH_MODELS decides");
    // The server itself explains with the rows.
    expect((await post(`${api.url}/explain`, { features: FEATURES })).status).toBe(200);
    await using open = await startApi({
      variables: { MODELS_DIR: models.path, PUBLISH_MODELS: "all" },
    });
    expect(await readable(open)).toEqual([200, 200]);
  });

  test("none keeps everything", async () => {
    await using api = await startApi({ variables: { PUBLISH_MODELS: "none" } });
    expect(await readable(api)).toEqual([404, 404]);
  });
});
