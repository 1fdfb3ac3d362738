import { expect, test } from "vitest";
import { eventually, startApi } from "../support/api-process.ts";
import { send } from "../support/json-request.ts";

const REQUESTS = 40;
const KEY = "0123456789abcdef-warm";

test("a process predicts for itself before it is ready, and nothing counts, logs or limits that", async () => {
  await using api = await startApi({
    variables: {
      WARM_UP_REQUESTS: String(REQUESTS),
      API_KEYS: `ci:${KEY}`,
      RATE_LIMIT: "5/minute",
      CACHE_SIZE: "100",
    },
  });
  const warmedUp = () => api.log.find(({ msg }) => msg === "warmed up");
  await eventually(() => warmedUp() !== undefined, "the log line");
  // Fewer where the machine is so busy that its second is over.
  expect(warmedUp()?.["predictions"]).toBeGreaterThan(0);
  expect(warmedUp()?.["predictions"]).toBeLessThanOrEqual(REQUESTS);
  const { text } = await send(`${api.url}/metrics`);
  expect(text).not.toMatch(/^http_requests_total\{handler="\/(?:predict|trpc)/m);
  expect(text).not.toMatch(/^inference_(?:rows|executions)_total\{.* [1-9]/m);
  expect(text).toMatch(/^cache_requests_total\{result="miss"\} 0$/m);
  expect(api.log.filter(({ route }) => String(route).includes("predict"))).toEqual([]);
  const body = JSON.stringify({ features: [5.1, 3.5, 1.4, 0.2] });
  const headers = { "content-type": "application/json", "x-api-key": KEY };
  const first = await send(`${api.url}/predict`, { method: "POST", headers, body });
  expect(first.headers.get("ratelimit-remaining")).toBe("4");
});

test("a process without a model to warm up with serves what it has", async () => {
  await using api = await startApi({
    variables: { WARM_UP_REQUESTS: "40", DEFAULT_MODEL: "rose" },
    ready: false,
  });
  expect((await send(`${api.url}/health/live`)).status).toBe(200);
  expect((await send(`${api.url}/health/ready`)).status).toBe(503);
});
