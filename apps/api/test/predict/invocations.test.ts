import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { CSV } from "../support/csv-file.ts";
import { post, send } from "../support/json-request.ts";

let api: ApiProcess;
beforeAll(async () => {
  api = await startApi({ variables: { REQUIRED_MODELS: "penguins-forest" } });
});
afterAll(() => api[Symbol.asyncDispose]());

const invoke = (body: unknown, headers?: Record<string, string>) =>
  post(`${api.url}/penguins/invocations`, body, headers);

const ROW = {
  island: "Dream",
  bill_length_mm: 40.9,
  bill_depth_mm: 16.6,
  flipper_length_mm: 187,
  body_mass_g: 3200,
  sex: "female",
  year: 2008,
};
const COLUMNS = Object.keys(ROW);
const LIST = Object.values(ROW);
const IS_CHINSTRAP = { class: 1, label: "Chinstrap", proba: [0.36, 0.64, 0], confidence: 0.64 };

describe("an invocation", () => {
  test.each<[string, object]>([
    ["dataframe_split", { dataframe_split: { columns: COLUMNS, data: [LIST] } }],
    [
      "dataframe_split in another order, with an index",
      {
        dataframe_split: {
          columns: COLUMNS.toReversed(),
          data: [LIST.toReversed()],
          index: [7],
        },
      },
    ],
    ["dataframe_records", { dataframe_records: [ROW] }],
    ["inputs of rows", { inputs: [LIST] }],
    ["inputs by column", { inputs: Object.fromEntries(COLUMNS.map((c, i) => [c, [LIST[i]]])) }],
    ["instances as objects", { instances: [ROW] }],
    ["instances as lists", { instances: [LIST] }],
  ])("of %s has the predictions of a batch", async (_form, body) => {
    const reply = await invoke(body);
    expect(reply.status, reply.text).toBe(200);
    expect(reply.body).toEqual({ predictions: [IS_CHINSTRAP] });
  });

  test("of CSV gets CSV", async () => {
    const response = await fetch(`${api.url}/penguins/invocations`, {
      method: "POST",
      headers: CSV,
      body: `${COLUMNS.join(",")}\n${LIST.join(",")}\n`,
    });
    const text = await response.text();
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      expect.stringContaining("text/csv"),
    ]);
    expect(text.trim().split("\n")).toHaveLength(2);
    expect(text).toContain("Chinstrap");
  });

  test.each<[string, object, readonly (string | number)[]]>([
    [
      "a value",
      { dataframe_split: { columns: COLUMNS, data: [LIST, LIST.with(0, "Dram")] } },
      ["body", "dataframe_split", "data", 1, 0],
    ],
    [
      "a value of a record",
      { instances: [{ ...ROW, year: 2008.5 }] },
      ["body", "instances", 0, "year"],
    ],
    ["params", { instances: [ROW], params: {} }, ["body", "params"]],
    ["two forms", { instances: [ROW], inputs: [LIST] }, ["body"]],
  ])("is refused for %s with its place", async (_what, body, loc) => {
    const reply = await invoke(body);
    expect(reply.status, reply.text).toBe(422);
    expect(reply.body.detail[0].loc).toEqual(loc);
  });
});

test("ping is readiness without a body", async () => {
  const { status, text } = await send(`${api.url}/ping`);
  expect([status, text]).toEqual([200, ""]);
});
