import { wine } from "@sepal/schema/contracts/wine";
import { beforeAll, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { sharedApi } from "../support/shared-api.ts";

// The faces beside plain predictions, for a contract that none of them was written for.

let api: ApiProcess;
beforeAll(async () => {
  api = await sharedApi();
});

const [BAROLO, GRIGNOLINO] = wine.examples.map(({ features }) => features.slice());

test("server-sent events give its chunks", async () => {
  const rows = [BAROLO, GRIGNOLINO, BAROLO];
  const accept = { accept: "text/event-stream" };
  const { status, text } = await post(
    `${api.url}/wine/predict-batch`,
    { rows, batch_size: 2 },
    accept,
  );
  expect(status).toBe(200);
  const data = [...text.matchAll(/^data: (.*)$/gm)].map(([, json = ""]) => JSON.parse(json));
  expect(data).toMatchObject([
    { offset: 0, count: 2, total: 3, predictions: [{ label: "barolo" }, { label: "grignolino" }] },
    { offset: 2, count: 1, total: 3, predictions: [{ label: "barolo" }] },
    { count: 3, model_used: "wine-forest" },
  ]);
});

/** A request of the inference protocol with one row. */
const infer = (data: unknown) => ({
  inputs: [{ name: "features", datatype: "FP32", shape: [1, 13], data }],
});

test("the inference protocol takes thirteen features and the contract's rule", async () => {
  const url = `${api.url}/v2/models/wine-forest/infer`;
  const { status, body } = await post(url, infer(BAROLO));
  expect(status).toBe(200);
  expect(body.outputs).toMatchObject([
    { name: "class", datatype: "INT64", shape: [1], data: [0] },
    { name: "proba", datatype: "FP32", shape: [1, 3], data: [1, 0, 0] },
  ]);
  expect((await post(url, infer(BAROLO?.with(12, 0)))).status).toBe(200);
  const refused = await post(url, infer(BAROLO?.with(12, -1)));
  expect(refused.status).toBe(400);
  expect(refused.body.error).toMatch(/"proline".*greater than or equal to 0/);
});

test("explanations of thirteen features are exact, from the trees", async () => {
  expect((await send(`${api.url}/models/wine-forest`)).body.explain).toMatchObject({
    offered: true,
    reason: null,
  });
  const { status, body } = await post(`${api.url}/wine/explain`, { features: BAROLO });
  expect(status).toBe(200);
  expect(body.method).toBe("tree");
  const names = wine.features.map(({ name }) => name);
  expect(Object.keys(body.contributions)).toEqual(names);
  for (const [index, share] of body.proba.entries()) {
    const sum = names.reduce((total, name) => total + body.contributions[name][index], 0);
    expect(body.base[index] + sum).toBeCloseTo(share, 6);
  }
});
