import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runApi, startApi, type ApiProcess } from "../support/api-process.ts";

const PAGE = "https://app.example";
const FEATURES = JSON.stringify({ features: [5.1, 3.5, 1.4, 0.2] });
const JSON_TYPE = { "content-type": "application/json" };

function preflight(url: string, origin: string, headers = "content-type,x-api-key") {
  return fetch(url, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": headers,
    },
  });
}

function corsHeaders(reply: Response): string[] {
  return [...reply.headers.keys()].filter((name) => name.startsWith("access-control-"));
}

describe("with CORS_ORIGINS", () => {
  let api: ApiProcess;
  beforeAll(async () => {
    const CORS_ORIGINS = `http://localhost:5173, ${PAGE}`;
    api = await startApi({ variables: { CORS_ORIGINS, API_KEYS: "front:0123456789abcdef0123" } });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const calls = ["/predict", "/trpc/predict", "/trpc/predict,predict?batch=1", "/v2/predict"];

  test.each(calls)("a preflight on %s needs no key", async (path) => {
    const reply = await preflight(api.url + path, PAGE);
    expect(reply.status).toBe(204);
    expect(await reply.text()).toBe("");
    const { headers } = reply;
    expect(headers.get("access-control-allow-origin")).toBe(PAGE);
    expect(headers.get("access-control-allow-methods")).toContain("POST");
    const allowed = headers.get("access-control-allow-headers")?.split(", ");
    const sent = ["content-type", "x-api-key", "authorization", "trpc-accept", "idempotency-key"];
    expect(allowed).toEqual(expect.arrayContaining([...sent, "x-request-timeout-ms"]));
    expect(headers.get("access-control-max-age")).toBe("7200");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
    expect(headers.get("vary")).toBe("origin");
  });

  test.each(calls)("an answer of %s can be read, with its headers", async (path) => {
    const init = { method: "POST", headers: { ...JSON_TYPE, origin: PAGE }, body: FEATURES };
    const reply = await fetch(api.url + path, init);
    // A refusal as well: else a page would see a network error in place of the 401.
    expect(reply.status).toBe(401);
    expect(reply.headers.get("access-control-allow-origin")).toBe(PAGE);
    const exposed = reply.headers.get("access-control-expose-headers")?.split(", ");
    const read = ["retry-after", "server-timing", "x-cache", "x-request-id", "ratelimit"];
    expect(exposed).toEqual(expect.arrayContaining(read));
    expect(reply.headers.get("vary")?.split(", ")).toContain("origin");
  });

  test.each(["/predict", "/trpc/predict", "/trpc/models.list?batch=1&input={}", "/health"])(
    "the answer of %s depends on the origin and on what it depended on before",
    async (path) => {
      const posts = path.endsWith("predict");
      const init = { method: "POST", body: FEATURES };
      const headers = { ...JSON_TYPE, origin: PAGE, "x-api-key": "0123456789abcdef0123" };
      const reply = await fetch(api.url + path, { ...(posts && init), headers });
      expect(reply.status).toBe(200);
      expect(reply.headers.get("access-control-allow-origin")).toBe(PAGE);
      const vary = reply.headers.get("vary")?.split(", ") ?? [];
      expect(vary).toContain("origin");
      expect(vary.includes("trpc-accept")).toBe(path.startsWith("/trpc"));
    },
  );

  test.each(["https://evil.example", "null", `${PAGE}.evil.example`, "https://APP.example"])(
    "a page of %s is told nothing",
    async (origin) => {
      expect((await preflight(`${api.url}/predict`, origin)).status).toBe(405);
      const reply = await fetch(`${api.url}/health`, { headers: { origin } });
      expect(reply.status).toBe(200);
      expect(corsHeaders(reply)).toEqual([]);
      expect(reply.headers.get("vary")).toBe("origin");
    },
  );

  test("OPTIONS that is no preflight is refused as ever", async () => {
    const reply = await fetch(`${api.url}/predict`, { method: "OPTIONS" });
    expect(reply.status).toBe(405);
  });
});

test("with * every page is let in, and answers can be cached for all", async () => {
  await using api = await startApi({ variables: { CORS_ORIGINS: "*" } });
  const reply = await fetch(`${api.url}/health`, { headers: { origin: PAGE } });
  expect(reply.headers.get("access-control-allow-origin")).toBe("*");
  expect(reply.headers.get("vary")).toBeNull();
  expect((await preflight(`${api.url}/predict`, "https://other.example")).status).toBe(204);
});

test("without CORS_ORIGINS no page of another origin is let in", async () => {
  await using api = await startApi();
  expect((await preflight(`${api.url}/predict`, PAGE)).status).toBe(405);
  const reply = await fetch(`${api.url}/health`, { headers: { origin: PAGE } });
  expect(corsHeaders(reply)).toEqual([]);
  expect(reply.headers.get("vary")).toBeNull();
});

test.each(["app.example", "https://app.example/", "https://app.example/page", "null"])(
  "CORS_ORIGINS=%s stops the start",
  async (CORS_ORIGINS) => {
    const { code, lines } = await runApi({ variables: { CORS_ORIGINS, PORT: "0" } });
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("CORS_ORIGINS must be origins such as https://app.example");
  },
);

test.each([
  "https://*.example",
  "https://app.example,https://*.app.example:8443",
  "*,https://*.example",
])("CORS_ORIGINS=%s stops the start, as its wildcard would match nothing", async (CORS_ORIGINS) => {
  const { code, lines } = await runApi({ variables: { CORS_ORIGINS } });
  expect(lines).toEqual([
    `sepal: CORS_ORIGINS must name each origin, since a * within one matches nothing; only * alone stands for every page, not "${CORS_ORIGINS}"`,
  ]);
  expect(code).toBe(1);
});
