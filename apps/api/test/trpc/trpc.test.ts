import { TRPCClientError } from "@trpc/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { batchClient, singleClient, streamClient } from "../support/trpc-client.ts";

let api: ApiProcess;
beforeAll(async () => {
  api = await startApi({ variables: { REQUIRED_MODELS: "iris-logistic,iris-mlp" } });
});
afterAll(() => api[Symbol.asyncDispose]());

describe.each([
  ["httpLink", singleClient],
  ["httpBatchLink", batchClient],
  ["httpBatchStreamLink", streamClient],
])("the stock client over %s", (_name, connect) => {
  test("predicts at the root and under the contract's name", async () => {
    const client = connect(api.url);
    const [atRoot, underName] = await Promise.all([
      client.predict.mutate({ features: [5.1, 3.5, 1.4, 0.2] }),
      client.iris.predict.mutate({ features: [6.9, 3.1, 5.4, 2.1] }),
    ]);
    expect(atRoot).toMatchObject({ class: 0, label: "setosa", proba: [1, 0, 0] });
    expect(underName).toMatchObject({ class: 2, label: "virginica" });
  });

  test("answers batches, model cards and health", async () => {
    const client = connect(api.url);
    const [batch, list, one, health] = await Promise.all([
      client.predictBatch.mutate({ rows: [[5.1, 3.5, 1.4, 0.2]] }),
      client.models.list.query(),
      client.models.get.query({ model_name: "iris-mlp" }),
      client.health.query(),
    ]);
    expect(batch).toMatchObject({ count: 1, model_used: "iris-forest" });
    const names = list.models.map((model) => model.name);
    expect(names).toEqual(names.toSorted());
    expect(names).toEqual(expect.arrayContaining(["iris-forest", "iris-mlp", "wine-forest"]));
    expect(one).toMatchObject({ name: "iris-mlp", state: "ready" });
    expect(health).toMatchObject({ status: "ok", model_loaded: true });
  });

  test("a bad input is UNPROCESSABLE_CONTENT with the REST body's list", async () => {
    const client = connect(api.url);
    const failure = await client.predict.mutate({ features: [-1, 2, 3, 4] }).catch((e) => e);
    expect(failure).toBeInstanceOf(TRPCClientError);
    expect(failure.data).toMatchObject({
      code: "UNPROCESSABLE_CONTENT",
      httpStatus: 422,
      path: "predict",
      detail: [{ type: "greater_than", loc: ["body", "features", 0], input: -1 }],
    });
    expect(failure.data.stack).toBeUndefined();
  });
});
