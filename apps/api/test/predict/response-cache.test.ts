import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { card, cardShows, startFollowing, writeVersionLike } from "../support/living-registry.ts";
import { copyModel, copyOfModels, type TestRepository } from "../support/model-repository.ts";

let repository: TestRepository;
let api: ApiProcess;
beforeAll(async () => {
  repository = await copyOfModels();
  await copyModel(repository, "iris-forest", "changes");
  api = await startFollowing(repository, { CACHE_SIZE: "100" });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

const HEADER = "x-cache";

interface Choice {
  readonly path?: string;
  readonly model_name?: string;
}

/** A prediction of a row that no other test asks for. */
async function ask(first: number, { path = "/predict", ...choice }: Choice = {}) {
  const { body, headers } = await post(api.url + path, {
    features: [first, 3.5, 1.4, 0.2],
    ...choice,
  });
  const { processing_time_ms, ...answer } = body.result?.data ?? body;
  expect(processing_time_ms).toBeGreaterThanOrEqual(0);
  return { answer, cache: headers.get(HEADER) };
}

async function counts() {
  const { text } = await send(`${api.url}/metrics`);
  const read = (result: string) =>
    Number(new RegExp(`^cache_requests_total\\{result="${result}"\\} (\\d+)`, "m").exec(text)?.[1]);
  return { hits: read("hit"), misses: read("miss") };
}

test("an answer is computed once, over REST and tRPC alike, and counted", async () => {
  const before = await counts();
  const first = await ask(5.001);
  expect(first.cache).toBe("miss");
  for (const path of ["/predict", "/iris/predict", "/v1/predict", "/predict/iris-forest"]) {
    expect(await ask(5.001, { path })).toEqual({ answer: first.answer, cache: "hit" });
  }
  for (const path of ["/trpc/predict", "/trpc/iris.predict"]) {
    expect(await ask(5.001, { path })).toEqual({ answer: first.answer, cache: "hit" });
  }
  const { hits, misses } = await counts();
  expect([hits - before.hits, misses - before.misses]).toEqual([6, 1]);
});

test("a batch of calls is a hit when each of them is", async () => {
  const input = (first: number) => ({ features: [first, 3.5, 1.4, 0.2] });
  const path = `${api.url}/trpc/predict,predict?batch=1`;
  const cacheOf = async (one: number, two: number) =>
    (await post(path, { 0: input(one), 1: input(two) })).headers.get(HEADER);
  expect(await cacheOf(5.002, 5.003)).toBe("miss");
  expect(await cacheOf(5.002, 5.003)).toBe("hit");
  expect(await cacheOf(5.004, 5.002)).toBe("miss");
});

test("another model, another row and a batch are looked up on their own or not at all", async () => {
  expect((await ask(5.005)).cache).toBe("miss");
  expect((await ask(5.005, { model_name: "iris-mlp" })).cache).toBe("miss");
  expect((await ask(5.006)).cache).toBe("miss");
  const batch = await post(`${api.url}/predict-batch`, { rows: [[5.005, 3.5, 1.4, 0.2]] });
  expect(batch.headers.get(HEADER)).toBeNull();
});

test("what is refused is neither kept nor answered from what is kept", async () => {
  expect((await ask(5.007)).cache).toBe("miss");
  const good = { features: [5.007, 3.5, 1.4, 0.2] };
  const late = await post(`${api.url}/predict`, good, { "x-request-timeout-ms": "0" });
  expect([late.status, late.headers.get(HEADER)]).toEqual([504, null]);
  const bad = await post(`${api.url}/predict`, { features: [5.007, 3.5, 1.4] });
  expect([bad.status, bad.headers.get(HEADER)]).toEqual([422, null]);
});

test("nothing outlives the instance that answered it, though name and version stay", async () => {
  const choice = { model_name: "changes" };
  const row = { features: [6, 2.7, 5.1, 1.6], ...choice };
  const old = await post(`${api.url}/predict`, row);
  expect((await post(`${api.url}/predict`, row)).headers.get(HEADER)).toBe("hit");
  const { checksum } = await card(api.url, "changes");
  await writeVersionLike(repository, { model: "changes", version: "1", like: "iris-logistic" });
  await cardShows(api.url, "changes", (now) => now.checksum !== checksum);
  const fresh = await post(`${api.url}/predict`, row);
  expect(fresh.headers.get(HEADER)).toBe("miss");
  expect(fresh.body).toMatchObject({ model_used: "changes", model_version: "1" });
  expect(fresh.body.proba).not.toEqual(old.body.proba);
});

describe("by default", () => {
  test("nothing is kept, counted or said", async () => {
    await using plain = await startApi();
    for (const _ of [1, 2]) {
      const reply = await post(`${plain.url}/predict`, { features: [5, 3.5, 1.4, 0.2] });
      expect(reply.headers.get(HEADER)).toBeNull();
    }
    expect((await send(`${plain.url}/metrics`)).text).not.toContain("cache_requests_total");
  });
});
