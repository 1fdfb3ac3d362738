import { beforeAll, expect, test } from "vitest";
import { startDescribed, success } from "../support/described-server.ts";
import { schemaFaults } from "../support/documented.ts";
import { post, send } from "../support/json-request.ts";

let server: Awaited<ReturnType<typeof startDescribed>>;
beforeAll(async () => {
  server = await startDescribed();
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
  const { models } = (await send(`${server.url}/models`)).body;
  const card = models.find((card: { contract: string }) => card.contract === contract);
  return card.explain.offered;
}

test("every answer has an example", async () => {
  for (const [method, path, operation] of server.operations()) {
    if (!(await isOffered(path))) continue;
    const { content } = operation.responses[success(path, method)];
    // `/ping` responds with a status alone.
    if (path === "/ping") continue;
    const media = Object.entries<object>(content);
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
  return { ...Object.fromEntries(own), job_id: server.jobId };
}

const isDefault = (model: { is_default: boolean }) => model.is_default;

test("every route that is read answers as its example says", async () => {
  for (const [, path, operation] of server.operations().filter(([method]) => method === "get")) {
    const { content } = operation.responses["200"];
    // Such as `/ping`, which responds with a status alone.
    if (content === undefined) continue;
    const { text, body } = await send(server.addressOf(path, "iris-forest"));
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
  for (const [method, path, operation] of server.operations()) {
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
  const predicting = server.operations().filter(([method]) => method === "post");
  expect(predicting.length).toBeGreaterThanOrEqual(11);
  for (const [, path, operation] of predicting) {
    if (/\/(?:predict-file|jobs)$/.test(path)) continue;
    const request = operation.requestBody.content["application/json"].example;
    if (!(await isOffered(path))) {
      expect((await post(server.url + path, request)).status, path).toBe(422);
      continue;
    }
    const answer = operation.responses["200"].content["application/json"].example;
    const reply = await post(
      server.addressOf(path, answer.model_used ?? answer.model_name),
      request,
    );
    expect(reply.status, path).toBe(200);
    const time = "processing_time_ms" in answer && { processing_time_ms: expect.any(Number) };
    // A list names some of the models there are.
    const shown = Array.isArray(answer) ? expect.arrayContaining(answer) : { ...answer, ...time };
    expect(reply.body, path).toEqual(shown);
  }
});

test("every example of a file is accepted and answered as the example says", async () => {
  const taking = server.operations().filter(([, path]) => path.endsWith("/predict-file"));
  expect(taking.length).toBeGreaterThanOrEqual(4);
  for (const [, path, operation] of taking) {
    const { file } = operation.requestBody.content["multipart/form-data"].example;
    const body = new FormData();
    body.set("file", new File([file], "rows.csv"));
    const reply = await send(server.url + path, { method: "POST", body });
    expect(reply.status, path).toBe(200);
    expect(reply.text, path).toBe(operation.responses["200"].content["text/csv"].example);
  }
});
