import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "./api-process.ts";
import { schemaFaults } from "./documented.ts";
import { dataFolder, endedJob } from "./job-helpers.ts";
import { post, send } from "./json-request.ts";
import { singleClient } from "./trpc-client.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- read as any JSON is; the validator checks it
let document: any;
let api: ApiProcess;
let data: Awaited<ReturnType<typeof dataFolder>>;
let jobId: string;
beforeAll(async () => {
  data = await dataFolder();
  api = await startApi({ variables: { DATA_DIR: data.path } });
  document = (await send(`${api.url}/openapi.json`)).body;
  const csv =
    "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n6.9,3.1,5.4,2.1\n";
  const { jobs } = singleClient(api.url);
  jobId = (await jobs.create.mutate({ format: "csv", data: csv })).job_id;
  await endedJob(api.url, jobId);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await data[Symbol.asyncDispose]();
});

/** The address of a described path, with something that there is in every place. */
function addressOf(path: string, model = "iris-mlp"): string {
  const filled = path.replace("{model_name}", model).replace("{model_version}", "1");
  return api.url + filled.replace("{job_id}", jobId);
}

/** Every operation, as method, path and what the document says of it. */
// oxlint-disable-next-line typescript/no-explicit-any -- as above
function operations(): [string, string, any][] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    // oxlint-disable-next-line typescript/no-explicit-any -- as above
    Object.entries(Object(item)).map(([method, value]): [string, string, any] => [
      method,
      path,
      value,
    ]),
  );
}

/** The status of a good answer. */
function success(path: string, method: string): string {
  return method === "post" && path.endsWith("/jobs") ? "202" : "200";
}

test("is a valid OpenAPI 3.1 document", async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
});

test("describes every route that the server lists, and no other", async () => {
  const { body } = await send(api.url);
  const listed = body.routes.flatMap(({ path, methods }: { path: string; methods: string[] }) =>
    path.startsWith("/trpc") ? [] : methods.map((method) => `${method} ${path}`),
  );
  const described = operations().map(([method, path]) => `${method.toUpperCase()} ${path}`);
  expect(described.toSorted()).toEqual(listed.toSorted());
});

test("every route that it describes is there", async () => {
  for (const [method, path] of operations()) {
    const url = addressOf(path);
    const posts = method === "post";
    const { status } = posts ? await post(url, "{") : await send(url, { method });
    const refused = /\/(?:predict-file|jobs)$/.test(path) ? 415 : 400;
    expect(status, `${method} ${path}`).toBe(posts ? refused : 200);
  }
});

test("every route refuses a deadline that is no number, and says that it does", async () => {
  for (const [method, path] of operations()) {
    const url = addressOf(path);
    const init = { method: method.toUpperCase(), headers: { "x-request-timeout-ms": "soon" } };
    const reply = await send(url, init);
    expect(reply.status, `${method} ${path}`).toBe(400);
    expect(reply.text).toContain("x-request-timeout-ms should be a whole number");
  }
});

test("names and sums up every operation, once", () => {
  const ids = operations().map(([, , operation]) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [method, path, operation] of operations()) {
    expect(operation, `${method} ${path}`).toMatchObject({
      summary: expect.stringMatching(/\S/),
      tags: [expect.any(String)],
      responses: { [success(path, method)]: { description: expect.any(String) } },
    });
  }
});

/** A value with its lists cut to the length of the example's. */
function cut(value: unknown, example: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(example)) {
    return example.map((item, index) => cut(value[index], item));
  }
  if (typeof value !== "object" || value === null) return value;
  const shown = Object(example);
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, cut(each, shown[key])]),
  );
}

/** Whether a path answers at all: an explanation only where the contract's model is explained. */
async function isOffered(path: string): Promise<boolean> {
  if (!path.endsWith("/explain")) return true;
  const contract = path.split("/").at(-2) || "iris";
  const { models } = (await send(`${api.url}/models`)).body;
  const card = models.find((card: { contract: string }) => card.contract === contract);
  return card.explain.offered;
}

test("every answer has an example", async () => {
  for (const [method, path, operation] of operations()) {
    if (!(await isOffered(path))) continue;
    const media = Object.entries<object>(operation.responses[success(path, method)].content);
    expect(media.length, `${method} ${path}`).toBeGreaterThan(0);
    for (const [type, shown] of media) {
      expect(shown, `${method} ${path} ${type}`).toHaveProperty("example");
    }
  }
});

/** What every job has of its own. */
function jobTimes(path: string): object {
  if (path !== "/jobs/{job_id}") return {};
  const times = ["created_at", "started_at", "finished_at"];
  const own = times.map((name) => [name, expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)]);
  return { ...Object.fromEntries(own), job_id: jobId };
}

const isDefault = (model: { is_default: boolean }) => model.is_default;

test("every route that is read answers as its example says", async () => {
  for (const [, path, operation] of operations().filter(([method]) => method === "get")) {
    const { content } = operation.responses["200"];
    const { text, body } = await send(addressOf(path, "iris-forest"));
    const { example } = Object.values<{ example: unknown }>(content)[0] ?? {};
    if (typeof example === "string") {
      // Of metrics the example shows one model's, and others may stand between its lines.
      for (const line of example.split("\n")) expect(text, path).toContain(line);
    } else {
      const own = path === "/health" ? { uptime_s: expect.any(Number) } : {};
      // Which model comes first in the list is the repository's business.
      const found = path === "/models" ? { models: body.models.filter(isDefault) } : body;
      expect(cut(found, example), path).toMatchObject({
        ...Object(example),
        ...own,
        ...jobTimes(path),
      });
    }
  }
});

test("every example fits its schema", () => {
  let examples = 0;
  for (const [method, path, operation] of operations()) {
    const bodies = Object.entries(operation.responses).map(([status, response]) => ({
      place: ["responses", status],
      content: Object(response).content,
    }));
    bodies.push({ place: ["requestBody"], content: operation.requestBody?.content });
    for (const { place, content } of bodies) {
      for (const [media, { example }] of Object.entries<{ example?: unknown }>(content ?? {})) {
        if (example === undefined) continue;
        const schema = ["paths", path, method, ...place, "content", media, "schema"];
        expect(schemaFaults(example, ...schema), schema.join(" ")).toEqual([]);
        examples += 1;
      }
    }
  }
  expect(examples).toBeGreaterThan(100);
});

test("every request's example is accepted and answered as the example says", async () => {
  const predicting = operations().filter(([method]) => method === "post");
  expect(predicting.length).toBeGreaterThanOrEqual(11);
  for (const [, path, operation] of predicting) {
    if (/\/(?:predict-file|jobs)$/.test(path)) continue;
    const request = operation.requestBody.content["application/json"].example;
    if (!(await isOffered(path))) {
      expect((await post(api.url + path, request)).status, path).toBe(422);
      continue;
    }
    const answer = operation.responses["200"].content["application/json"].example;
    const reply = await post(addressOf(path, answer.model_used ?? answer.model_name), request);
    expect(reply.status, path).toBe(200);
    const time = "processing_time_ms" in answer && { processing_time_ms: expect.any(Number) };
    // A list names some of the models there are.
    const shown = Array.isArray(answer) ? expect.arrayContaining(answer) : { ...answer, ...time };
    expect(reply.body, path).toEqual(shown);
  }
});

test("every example of a file is accepted and answered as the example says", async () => {
  const taking = operations().filter(([, path]) => path.endsWith("/predict-file"));
  expect(taking.length).toBeGreaterThanOrEqual(4);
  for (const [, path, operation] of taking) {
    for (const type of ["text/csv", "application/x-ndjson"]) {
      const { example } = operation.requestBody.content[type];
      const reply = await post(api.url + path, example, { "content-type": type });
      expect(reply.status, path).toBe(200);
      expect(reply.text, path).toBe(operation.responses["200"].content[type].example);
    }
  }
});

describe("the features of a prediction", () => {
  test("are a plain array with the contract's length and bounds", () => {
    const schema = document.components.schemas.IrisPredictRequest;
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
    expect((await post(api.url + path, { features })).status).toBe(good ? 200 : 422);
  });
});
