import { beforeAll, describe, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { post } from "../support/json-request.ts";
import { sharedApi } from "../support/shared-api.ts";

let api: ApiProcess;
beforeAll(async () => {
  api = await sharedApi();
});

const ROUTES = [
  ["/v1/predict", (features: unknown) => ({ features }), ["features"]],
  ["/v1/predict-batch", (features: unknown) => ({ rows: [features] }), ["rows", 0]],
] as const;

describe.each(ROUTES)("POST %s", (route, body, place) => {
  const sent = (value: unknown) => post(`${api.url}${route}`, body([value, 3.5, 1.4, 0.2]));

  test.each(["5.1", " 5.1 ", "\t5.1\n", "51e-1", "5.1E0", "0.51e+1"])(
    "takes the string %j as the number",
    async (value) => {
      const reply = await sent(value);
      expect(reply.status).toBe(200);
      const [answer] = reply.body.predictions ?? [reply.body];
      expect(answer).toMatchObject({ class: 0, label: "setosa", proba: [1, 0, 0] });
    },
  );

  test.each([
    "0x10",
    "1_0",
    "",
    " ",
    "abc",
    "5,1",
    "5.1cm",
    "+5.1",
    ".5",
    "5.",
    "05",
    "NaN",
    "Infinity",
    "1 2",
    "٥",
    true,
    false,
    null,
    [5.1],
    ["5.1"],
    {},
  ])("refuses %j", async (value) => {
    const reply = await sent(value);
    expect(reply.status).toBe(422);
    expect(reply.body).toMatchObject({
      detail: [{ type: "float_type", loc: ["body", ...place, 0], input: value }],
      errors_total: 1,
    });
  });

  test.each([
    ["0", "greater_than"],
    ["-1", "greater_than"],
    ["1e-46", "greater_than"],
    ["1e39", "finite_number"],
    ["1e400", "finite_number"],
  ])("holds the string %j to the rules of numbers", async (value, type) => {
    const reply = await sent(value);
    expect(reply.status).toBe(422);
    expect(reply.body.detail).toEqual([
      expect.objectContaining({ type, loc: ["body", ...place, 0], input: value }),
    ]);
  });

  test("ignores unknown keys, and nothing else", async () => {
    const known = body([5.1, 3.5, 1.4, 0.2]);
    const extra = { ...known, threshold: 0.5, ["__proto__"]: { a: 1 } };
    expect((await post(`${api.url}${route}`, extra)).status).toBe(200);
    expect((await post(`${api.url}${route}`, { ...known, model_name: 5 })).status).toBe(422);
    expect((await post(`${api.url}${route}`, { threshold: 0.5 })).status).toBe(422);
    expect((await post(`${api.url}${route}`, body(["5.1", "3.5", "1.4"]))).status).toBe(422);
  });
});

test("the size of a batch stays a number", async () => {
  const body = { rows: [[5.1, 3.5, 1.4, 0.2]], batch_size: "10" };
  expect((await post(`${api.url}/v1/predict-batch`, body)).status).toBe(422);
});
