import { randomBytes } from "node:crypto";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { send } from "../support/json-request.ts";

// Compressed JSON bodies, on both faces and past tRPC's own adapter; oip-compression.test.ts has the protocol's.

const GOOD = { features: [5.1, 3.5, 1.4, 0.2] };
const PATHS = {
  REST: ["/predict", GOOD],
  "a batch": ["/predict-batch", { rows: Array.from({ length: 1000 }, () => GOOD.features) }],
  tRPC: ["/trpc/predict", GOOD],
  "tRPC in a batch": ["/trpc/predict?batch=1", { 0: GOOD }],
} as const;

let api: ApiProcess;
beforeAll(async () => {
  api = await startApi({ variables: { MAX_BODY_BYTES: "500000" } });
});
afterAll(() => api[Symbol.asyncDispose]());

function compressed(
  path: string,
  encoding: string,
  body: Uint8Array<ArrayBuffer> | ReadableStream,
) {
  const headers = { "content-type": "application/json", "content-encoding": encoding };
  return send(api.url + path, { method: "POST", headers, body, duplex: "half" });
}

describe.each(Object.entries(PATHS))("over %s", (_face, [path, body]) => {
  const bytes = Buffer.from(JSON.stringify(body));

  test.each([
    ["gzip", gzipSync(bytes)],
    ["deflate", deflateSync(bytes)],
    ["identity", bytes],
  ])("%s is inflated", async (encoding, sent) => {
    const { status, text } = await compressed(path, encoding, new Uint8Array(sent));
    expect(status).toBe(200);
    expect(text).toContain('"setosa"');
  });

  test("another encoding is 415 and says which there are", async () => {
    const sent = new Uint8Array(brotliCompressSync(bytes));
    const { status, text, headers } = await compressed(path, "br", sent);
    expect(status).toBe(415);
    expect(text).toContain("the content encoding should be gzip or deflate");
    expect(headers.get("accept-encoding")).toBe("gzip, deflate");
  });

  test("bytes that are not what the encoding says are 400", async () => {
    const { status, text } = await compressed(path, "gzip", new Uint8Array(bytes));
    expect(status).toBe(400);
    expect(text).toContain("the body is not gzip data");
  });

  test("a body that inflates past the limit is 413", async () => {
    const bomb = gzipSync(Buffer.alloc(32 * 2 ** 20, " "));
    const { status, text } = await compressed(path, "gzip", new Uint8Array(bomb));
    expect(status).toBe(413);
    expect(text).toMatch(/the inflated body is larger than (?:65536|500000) bytes/);
  });

  test.each([
    ["says its length", (bytes: Uint8Array<ArrayBuffer>) => bytes],
    ["does not", (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes]).stream()],
  ])("a body that is over the limit before it is inflated is 413, where it %s", async (_, sent) => {
    const { status, text } = await compressed(
      path,
      "gzip",
      sent(new Uint8Array(randomBytes(2 ** 20))),
    );
    expect(status).toBe(413);
    expect(text).toContain("the body is larger than ");
  });
});
