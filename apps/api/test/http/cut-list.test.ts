import { beforeAll, describe, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { post } from "../support/json-request.ts";
import { sharedApi } from "../support/shared-api.ts";

// Checking a batch stops after 100 broken rules, on the main thread and in the worker lane, in every face.

let api: ApiProcess;
beforeAll(async () => {
  api = await sharedApi();
});

const rowsOf = (count: number, row: unknown) => Array.from({ length: count }, () => row);
const GOOD = [5.1, 3.5, 1.4, 0.2];

const BROKEN = {
  "just under the bound of the worker lane": { rows: rowsOf(5000, []) },
  "in the worker lane": { rows: rowsOf(10_000, []) },
};

describe.each(Object.entries(BROKEN))("thousands of broken rows, %s", (_where, body) => {
  const cut = { errors_total: 100, errors_cut: true };
  const message = /^body\.rows\.0: .* \(checking stopped after 100 errors\)$/;

  test.each(["/predict-batch", "/v1/predict-batch", "/iris/predict-batch"])("%s", async (path) => {
    const reply = await post(api.url + path, body);
    expect(reply.status).toBe(422);
    expect(reply.body).toMatchObject(cut);
    expect(reply.body.detail).toHaveLength(100);
    expect(reply.body.detail[99]).toMatchObject({ type: "too_short", loc: ["body", "rows", 99] });
  });

  test("as RFC 9457", async () => {
    const accept = "application/problem+json";
    const reply = await post(`${api.url}/predict-batch`, body, { accept });
    expect(reply.body).toMatchObject({ ...cut, detail: expect.stringMatching(message) });
    expect(reply.body.errors).toHaveLength(100);
  });

  test.each([
    ["/trpc/predictBatch", body],
    ["/trpc/predictBatch?batch=1", { 0: body }],
  ])("%s", async (path, input) => {
    const reply = await post(api.url + path, input);
    const { error } = [reply.body].flat()[0];
    expect(error.message).toMatch(message);
    expect(error.data).toMatchObject({ ...cut, httpStatus: 422 });
    expect(error.data.detail).toHaveLength(100);
  });

  test("events", async () => {
    const reply = await post(`${api.url}/predict-batch`, body, { accept: "text/event-stream" });
    expect(reply.body).toMatchObject(cut);
  });
});

test("several calls of tRPC's own adapter", async () => {
  const body = { rows: rowsOf(2000, []) };
  const reply = await post(`${api.url}/trpc/predictBatch,predictBatch?batch=1`, {
    0: body,
    1: body,
  });
  for (const { error } of reply.body) {
    expect(error.data).toMatchObject({ httpStatus: 422, errors_total: 100, errors_cut: true });
  }
});

test.each([1200, 8000])("%i rows of a tensor", async (rows) => {
  const data = rowsOf(rows * 4, -1);
  const inputs = [{ name: "features", shape: [rows, 4], datatype: "FP32", data }];
  const reply = await post(`${api.url}/v2/models/iris-forest/infer`, { inputs });
  expect(reply.status).toBe(400);
  expect(reply.body.error).toMatch(/^input "features", row 0, .* \(and at least \d+ more\)$/);
});

test("broken rows after many good ones are found, and nothing is cut where all were checked", async () => {
  const rows = [...rowsOf(130, GOOD), [1], ...rowsOf(130, GOOD), [1, 2, 3, "x"]];
  const reply = await post(`${api.url}/predict-batch`, { rows });
  expect(reply.body.detail.map(({ loc }: { loc: unknown }) => loc)).toEqual([
    ["body", "rows", 130],
    ["body", "rows", 261, 3],
  ]);
  expect(reply.body.errors_total).toBe(2);
  expect(reply.body).not.toHaveProperty("errors_cut");
});
