import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDescribed, success } from "../support/described-server.ts";
import { schemaFaults } from "../support/documented.ts";
import { post, send } from "../support/json-request.ts";

let server: Awaited<ReturnType<typeof startDescribed>>;
beforeAll(async () => {
  server = await startDescribed();
});
afterAll(() => server[Symbol.asyncDispose]());

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

describe("the features of a prediction", () => {
  test("are a plain array with the contract's length and bounds", () => {
    const schema = server.document.components.schemas.IrisPredictRequest;
    const { features } = schema.properties;
    expect(features).toMatchObject({ type: "array", minItems: 4, maxItems: 4 });
    expect(features.items).toMatchObject({ type: "number" });
    expect(features.items.exclusiveMinimum).toBeGreaterThan(0);
    expect(features.items.exclusiveMaximum).toBeLessThan(3.41e38);
    expect(JSON.stringify(schema)).not.toMatch(/prefixItems|anyOf/);
    expect(schema).toMatchObject({ required: ["features"], additionalProperties: false });
  });

  test.each([
    ["/predict", [5.1, 3.5, 1.4, 0.2], true],
    ["/predict", [5.1, 3.5, 1.4], false],
    ["/predict", [5.1, 3.5, 1.4, 0], false],
    ["/predict", [5.1, 3.5, 1.4, 1e39], false],
    ["/predict", [5.1, 3.5, 1.4, "0.2"], false],
  ])("on %s: %j is %s to the document and to the server", async (path, features, good) => {
    const place = ["requestBody", "content", "application/json", "schema"];
    const faults = schemaFaults({ features }, "paths", path, "post", ...place);
    expect(faults.length === 0).toBe(good);
    expect((await post(server.url + path, { features })).status).toBe(good ? 200 : 422);
  });
});
