import { once } from "node:events";
import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";

const INFLATE = {
  zstd: zstdDecompressSync,
  br: brotliDecompressSync,
  gzip: gunzipSync,
  identity: (bytes: Buffer) => bytes,
} as const;

const ROW = [5.1, 3.5, 1.4, 0.2];
const rows = (count: number) => JSON.stringify({ rows: Array.from({ length: count }, () => ROW) });

/** What is sent, and whether it is long enough to be compressed. */
const RESPONSES = {
  "the document": ["GET", "/openapi.json", undefined, true],
  "an asset": ["GET", "/docs/swagger-ui-bundle.js", undefined, true],
  metrics: ["GET", "/metrics", undefined, true],
  "a batch on the main thread": ["POST", "/predict-batch", rows(500), true],
  "a batch of a worker thread": ["POST", "/predict-batch", rows(20_000), true],
  "a batch of tRPC": ["POST", "/trpc/predictBatch", rows(500), true],
  "a prediction": ["POST", "/predict", JSON.stringify({ features: ROW }), false],
  "a page": ["GET", "/docs", undefined, false],
} as const;

let api: ApiProcess;
beforeAll(async () => {
  api = await startApi({ variables: { CORS_ORIGINS: "https://app.example" } });
});
afterAll(() => api[Symbol.asyncDispose]());

/** As it comes over the wire: `fetch` would decompress. */
async function call(
  method: string,
  path: string,
  body: string | undefined,
  headers: Record<string, string>,
  url = api.url,
) {
  const sent = request(url + path, {
    method,
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
  });
  sent.end(body);
  const [response] = await once(sent, "response");
  const bytes: Buffer = await buffer(response);
  return { status: Number(response.statusCode), head: response.headers, bytes };
}

/** Without what differs from request to request. */
function stable(bytes: Buffer): string {
  return bytes.toString().replace(/"processing_time_ms":[\d.]+/, "");
}

describe.each(Object.entries(RESPONSES))("%s", (name, [method, path, body, long]) => {
  test.each(["zstd", "br", "gzip"] as const)("in %s has the same content", async (encoding) => {
    const plain = await call(method, path, body, {});
    const packed = await call(method, path, body, { "accept-encoding": encoding });
    expect([plain.status, packed.status]).toEqual([200, 200]);
    expect(plain.head["content-encoding"]).toBeUndefined();
    expect(packed.head["content-encoding"]).toBe(long ? encoding : undefined);
    const vary = long ? expect.stringContaining("accept-encoding") : undefined;
    if (long) expect([plain.head.vary, packed.head.vary]).toEqual([vary, vary]);
    expect(packed.head.vary ?? "origin").toContain("origin");
    const unpacked = INFLATE[long ? encoding : "identity"](packed.bytes);
    // The metrics have counted the request before.
    if (name !== "metrics") expect(stable(unpacked)).toBe(stable(plain.bytes));
    else expect(unpacked.toString()).toContain("# TYPE http_requests_total counter");
    if (long) expect(packed.bytes.length).toBeLessThan(unpacked.length / 2);
    if (packed.head["content-length"] !== undefined) {
      expect(Number(packed.head["content-length"])).toBe(packed.bytes.length);
    }
  });
});

test.each([
  ["gzip, br, zstd", "zstd"],
  ["gzip, deflate, br", "br"],
  ["gzip;q=1, br;q=0.5", "gzip"],
  ["*", "zstd"],
  ["*;q=0.5, zstd;q=0", "br"],
  ["x-gzip", "gzip"],
  ["identity, gzip;q=0.5", undefined],
  ["gzip;q=0", undefined],
  ["deflate", undefined],
  ["gzip;q=much", undefined],
  [`${"a,".repeat(300)}gzip`, undefined],
])("accept-encoding %j gives %s", async (header, encoding) => {
  const { head } = await call("GET", "/openapi.json", undefined, { "accept-encoding": header });
  expect(head["content-encoding"]).toBe(encoding);
});

test("HEAD says what GET says, without a body", async () => {
  for (const path of ["/openapi.json", "/docs/swagger-ui-bundle.js", "/docs"]) {
    for (const encoding of ["gzip", "identity"]) {
      const headers = { "accept-encoding": encoding };
      const get = await call("GET", path, undefined, headers);
      const head = await call("HEAD", path, undefined, headers);
      expect(head.bytes.length).toBe(0);
      const of = ({ head }: typeof get) =>
        ["content-encoding", "content-type", "etag", "vary"].map((name) => head[name]);
      expect(of(head), path).toEqual(of(get));
    }
  }
});

test.each(["/openapi.json", "/docs", "/redoc", "/docs/start.js", "/docs/swagger-ui-bundle.js"])(
  "%s has an entity tag and is 304 for whoever has it",
  async (path) => {
    for (const encoding of ["identity", "zstd"]) {
      const headers = { "accept-encoding": encoding };
      const first = await call("GET", path, undefined, headers);
      const { etag = "" } = first.head;
      expect(etag).toMatch(/^(?:W\/)?"[^"]+"$/);
      const again = await call("GET", path, undefined, { ...headers, "if-none-match": etag });
      expect([again.status, again.bytes.length]).toEqual([304, 0]);
      const other = { ...headers, "if-none-match": '"another"' };
      expect((await call("GET", path, undefined, other)).status).toBe(200);
    }
  },
);

test("two encodings never share a strong entity tag", async () => {
  const plain = await call("GET", "/openapi.json", undefined, {});
  const packed = await call("GET", "/openapi.json", undefined, { "accept-encoding": "gzip" });
  expect(plain.head.etag).toMatch(/^"/);
  expect(packed.head.etag).toBe(`W/${plain.head.etag}`);
});

test("an event stream is not compressed", async () => {
  const headers = { accept: "text/event-stream", "accept-encoding": "gzip, br, zstd" };
  const { head, bytes } = await call("POST", "/predict-batch", rows(3000), headers);
  expect(head["content-encoding"]).toBeUndefined();
  expect(bytes.toString()).toContain("event: done");
});

test("COMPRESSION=false compresses nothing", async () => {
  await using plain = await startApi({ variables: { COMPRESSION: "false" } });
  const headers = { "accept-encoding": "gzip" };
  const { head } = await call("GET", "/openapi.json", undefined, headers, plain.url);
  expect(head["content-encoding"]).toBeUndefined();
  expect(head.vary).toBeUndefined();
});
