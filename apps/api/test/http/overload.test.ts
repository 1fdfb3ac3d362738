import { expect, test } from "vitest";
import { eventually, startApi } from "../support/api-process.ts";
import { post, send, type Reply } from "../support/json-request.ts";

const ROW = [5.1, 3.5, 1.4, 0.2];
const ROWS = Array.from({ length: 100 }, () => ROW);
const TENSOR = {
  inputs: [{ name: "features", shape: [1, 4], datatype: "FP32", data: ROW }],
};

/** Sends bursts until some of one are refused; the answers of that burst. */
async function overloaded(
  url: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Reply[]> {
  const end = performance.now() + 10_000;
  for (;;) {
    const burst = Array.from({ length: 200 }, () => post(url, body, headers));
    const replies = await Promise.all(burst);
    if (replies.some(({ status }) => status === 503)) return replies;
    if (performance.now() > end) throw new Error("never: the server refuses");
  }
}

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
    const variables = { QUEUE_MAX_WAIT_MS: "1", CORS_ORIGINS: "https://app.example" };
    await using api = await startApi({ variables });
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
