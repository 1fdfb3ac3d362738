import { beforeAll, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { sharedApi } from "../support/shared-api.ts";

const BODY = JSON.stringify({ features: [5.1, 3.5, 1.4, 0.2] });
const JSON_TYPE = { "content-type": "application/json" };

let api: ApiProcess;
beforeAll(async () => {
  api = await sharedApi();
});

test.each([
  ["POST", "/predict", 200],
  ["POST", "/trpc/predict", 200],
  ["POST", "/trpc/predict?batch=1", 422],
  ["POST", "/predict-batch", 422],
  ["GET", "/predict", 405],
  ["GET", "/nowhere", 404],
  ["GET", "/metrics", 200],
  ["GET", "/v2", 200],
  ["GET", "/docs", 200],
  ["GET", "/openapi.json", 200],
])(
  "%s %s (%i) is what it says it is, and says little of the server",
  async (method, path, status) => {
    const init = method === "POST" && { body: BODY, headers: JSON_TYPE };
    const { headers, status: given } = await fetch(api.url + path, { method, ...init });
    expect(given).toBe(status);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-type")).toMatch(/^[\w.-]+\/[\w.+-]+/);
    for (const name of ["server", "x-powered-by", "set-cookie"])
      expect(headers.has(name)).toBe(false);
  },
);

test("no line of the log has a feature's value or a key", async () => {
  const [key, secret] = ["0123456789abcdef0123", "fedcba98765432100000"];
  await using guarded = await startApi({ variables: { API_KEYS: `front:${key}` } });
  const send = (path: string, given: string, body: unknown) =>
    fetch(guarded.url + path, {
      method: "POST",
      headers: { ...JSON_TYPE, "x-api-key": given },
      body: JSON.stringify(body),
    });
  const statuses = [
    await send("/predict", key, { features: [5.123456, 3.5, 1.4, 0.2] }),
    await send("/predict", key, { features: [-5.123456, 3.5, 1.4, 0.2] }),
    await send("/trpc/predict", secret, { features: [5.123456, 3.5, 1.4, 0.2] }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([200, 422, 401]);
  const requests = () => guarded.log.filter((line) => line["route"] !== undefined);
  await eventually(() => requests().length >= 3, "three requests are logged");
  expect(JSON.stringify(guarded.log)).not.toMatch(/5\.123456|0123456789abcdef|fedcba98/);
});
