import { Validator } from "@seriousme/openapi-schema-validator";
import { contracts } from "@sepal/schema/contracts/index";
import { beforeAll, describe, expect, test } from "vitest";
import { startDescribed, success } from "../support/described-server.ts";
import { schemaFaults } from "../support/documented.ts";
import { post, send } from "../support/json-request.ts";

let server: Awaited<ReturnType<typeof startDescribed>>;
let cards: readonly { readonly name: string; readonly contract: string }[];
beforeAll(async () => {
  server = await startDescribed();
  cards = (await send(`${server.url}/models`)).body.models;
});

/** Names of the models of a contract, or of all. */
function modelsOf(contract: string | undefined): string[] {
  const own = cards.filter((card) => contract === undefined || card.contract === contract);
  return own.map(({ name }) => name).toSorted();
}

test("is a valid OpenAPI 3.1 document", async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(server.document));
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(server.document.openapi).toMatch(/^3\.1\.\d+$/);
});

test("describes every route that the server lists, and no other", async () => {
  const { body } = await send(server.url);
  const listed = body.routes.flatMap(({ path, methods }: { path: string; methods: string[] }) =>
    path.startsWith("/trpc") ? [] : methods.map((method) => `${method} ${path}`),
  );
  const described = server.operations().map(([method, path]) => `${method.toUpperCase()} ${path}`);
  expect(described.toSorted()).toEqual(listed.toSorted());
});

test("every route that it describes is there", async () => {
  for (const [method, path] of server.operations()) {
    const url = server.addressOf(path);
    const posts = method === "post";
    const { status } = posts ? await post(url, "{") : await send(url, { method });
    const refused = /\/(?:predict-file|jobs)$/.test(path) ? 415 : 400;
    expect(status, `${method} ${path}`).toBe(posts ? refused : 200);
  }
});

test("every route refuses a deadline that is no number, and says that it does", async () => {
  for (const [method, path] of server.operations()) {
    const url = server.addressOf(path);
    const init = { method: method.toUpperCase(), headers: { "x-request-timeout-ms": "soon" } };
    const reply = await send(url, init);
    expect(reply.status, `${method} ${path}`).toBe(400);
    expect(reply.text).toContain("x-request-timeout-ms should be a whole number");
  }
});

test("names and sums up every operation, once", () => {
  const ids = server.operations().map(([, , operation]) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [method, path, operation] of server.operations()) {
    expect(operation, `${method} ${path}`).toMatchObject({
      summary: expect.stringMatching(/\S/),
      tags: [expect.any(String)],
      responses: { [success(path, method)]: { description: expect.any(String) } },
    });
  }
});

describe("the model of a request", () => {
  test.each([
    ["/predict", "iris"],
    ["/wine/predict-batch", "wine"],
    ["/penguins/explain", "penguins"],
  ])("of %s is one of those of %s", (path, contract) => {
    const { schema } = server.document.paths[path].post.requestBody.content["application/json"];
    const name = String(schema.$ref).split("/").at(-1) ?? "";
    const { model_name } = server.document.components.schemas[name].properties;
    const names = modelsOf(contract);
    expect(names).not.toEqual([]);
    expect(model_name).toMatchObject({ type: ["string", "null"], enum: [...names, null] });
  });

  test.each([
    ["post", "/iris/predict/{model_name}", "path", "iris"],
    ["post", "/wine/predict-file", "query", "wine"],
    ["get", "/models/{model_name}", "path", undefined],
    ["get", "/v2/models/{model_name}", "path", undefined],
  ])("of %s %s, in its %s, is one of those of %s", (method, path, place, contract) => {
    const { parameters } = server.document.paths[path][method];
    const found = parameters.find((each: { name: string }) => each.name === "model_name");
    expect(found.in).toBe(place);
    const names = modelsOf(contract);
    // Neither a path nor a query has a `null`.
    expect(found.schema).toMatchObject({ type: "string", enum: names });
    expect(names).toContain(found.example);
  });
});

describe("the features of a prediction", () => {
  test("are a plain array with the contract's length and bounds", () => {
    const schema = server.document.components.schemas.IrisPredictRequest;
    const { features } = schema.properties;
    expect(features).toMatchObject({ type: "array", minItems: 4, maxItems: 4 });
    // The bounds of the contract, without those of float32.
    expect(features.items).toEqual({ type: "number", exclusiveMinimum: 0 });
    expect(JSON.stringify(schema)).not.toMatch(/prefixItems|anyOf/);
    expect(schema).toMatchObject({ required: ["features"], additionalProperties: false });
  });

  test.each([
    ["/predict", [5.1, 3.5, 1.4, 0.2], true],
    ["/predict", [5.1, 3.5, 1.4], false],
    ["/predict", [5.1, 3.5, 1.4, 0], false],
    ["/predict", [5.1, 3.5, 1.4, "0.2"], false],
  ])("on %s: %j is %s to the document and to the server", async (path, features, good) => {
    const place = ["requestBody", "content", "application/json", "schema"];
    const faults = schemaFaults({ features }, "paths", path, "post", ...place);
    expect(faults.length === 0).toBe(good);
    expect((await post(server.url + path, { features })).status).toBe(good ? 200 : 422);
  });

  test.each(["/penguins/predict", "/diabetes/predict"])("on %s have a property each", (path) => {
    const [, contract = ""] = path.split("/");
    const name = `${contract[0]?.toUpperCase()}${contract.slice(1)}PredictRequest`;
    const { features } = server.document.components.schemas[name].properties;
    const { properties, additionalProperties } = features;
    const { features: own } = contracts[contract as keyof typeof contracts];
    expect(Object.keys(properties)).toEqual(own.map((feature) => feature.name));
    expect(additionalProperties).toBe(false);
    const bounds = JSON.stringify(properties).match(/imum":[^,}]+/g) ?? [];
    expect(bounds.length).toBeGreaterThan(5);
    expect(bounds.filter((bound) => bound.includes("e"))).toEqual([]);
  });
});
