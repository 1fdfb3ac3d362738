import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send, type Reply } from "../support/json-request.ts";

const ROW = [5.1, 3.5, 1.4, 0.2];
const ROWS = Array.from({ length: 100 }, () => ROW);
const TENSOR = {
  inputs: [{ name: "features", shape: [1, 4], datatype: "FP32", data: ROW }],
};

/** Sends bursts until some requests of one are rejected, and returns the responses to that burst. */
async function overloaded(
  url: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Reply[]> {
  let replies: Reply[] = [];
  await eventually(async () => {
    const burst = Array.from({ length: 200 }, () => post(url, body, headers));
    replies = await Promise.all(burst);
    return replies.some(({ status }) => status === 503);
  }, "the server rejects some of a burst");
  return replies;
}

let api: ApiProcess;
beforeAll(async () => {
  const variables = { QUEUE_MAX_WAIT_MS: "1", CORS_ORIGINS: "https://app.example" };
  api = await startApi({ variables });
});
afterAll(() => api[Symbol.asyncDispose]());

test.each([
  ["/predict", {}, { features: ROW }],
  ["/predict", { origin: "https://app.example" }, { features: ROW }],
  ["/predict", { accept: "application/problem+json" }, { features: ROW }],
  ["/v2/models/iris-forest/infer", {}, TENSOR],
  ["/predict-batch", {}, { rows: ROWS }],
  ["/trpc/predictBatch", {}, { rows: ROWS }],
  ["/trpc/predict", {}, { features: ROW }],
  ["/trpc/predict?batch=1", {}, { 0: { features: ROW } }],
])(
  "past the longest wait, %s with headers %j is answered or refused with a well-formed 503",
  async (path, headers, body) => {
    // Each reply is held against the OpenAPI document as it comes.
    const replies = await overloaded(api.url + path, body, headers);
    const refused = replies.filter(({ status }) => status === 503);
    expect(replies.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
    expect(replies.length).toBeGreaterThan(refused.length);
    for (const { headers, text } of refused) {
      expect(text).toContain("the server is at its limit");
      expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
      expect(headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
    if ("origin" in headers) {
      const [{ headers: readable } = new Response()] = refused;
      expect(readable.get("access-control-allow-origin")).toBe("https://app.example");
    }
    const handler = path.replace(/\?.*/, "").replace("iris-forest", ":model");
    const { text } = await send(`${api.url}/metrics`);
    expect(text).toMatch(/inference_rejections_total\{reason="overloaded"\} [1-9]/);
    if (!path.includes("batch=1")) {
      expect(text).toMatch(
        new RegExp(
          `http_requests_total\\{handler="[^"]*${handler.split("/").at(-1)}",method="POST",status="5xx"\\} [1-9]`,
        ),
      );
    }
    // What follows is served again.
    expect((await post(`${api.url}/predict`, { features: ROW })).status).toBe(200);
  },
);

test("while the process drains, a refusal ends its connection as every other reply does", async () => {
  const variables = { QUEUE_MAX_WAIT_MS: "1", READINESS_GRACE_MS: "20000" };
  await using api = await startApi({ variables });
  api.child.kill("SIGTERM");
  await eventually(
    async () => (await send(`${api.url}/health/ready`)).status === 503,
    "the process drains",
  );
  const replies = await overloaded(`${api.url}/predict`, { features: ROW }, {});
  const kept = replies.filter(({ headers }) => headers.get("connection") !== "close");
  expect(kept).toEqual([]);
});
