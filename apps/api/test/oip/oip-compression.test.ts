import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { binaryRequest, oip } from "../support/oip-request.ts";
import { sendBytes } from "../support/send-bytes.ts";

// Compressed requests and answers of the Open Inference Protocol; content-encoding.test.ts has the other faces.

const ROWS = [
  [5.1, 3.5, 1.4, 0.2],
  [6.7, 3.0, 5.2, 2.3],
];
const ALL = { parameters: { binary_data_output: true } };

let api: ApiProcess;
let url: string;
/** The probabilities of the rows as they are answered without any compression. */
let plain: Buffer;
beforeAll(async () => {
  api = await startApi({ variables: { MAX_BODY_BYTES: "200000" } });
  url = `${api.url}/v2/models/iris-forest/infer`;
  const { body, headers } = binaryRequest(ROWS, ALL);
  plain = (await oip(url, body, headers)).tail.subarray(16);
  expect(plain).toHaveLength(24);
});
afterAll(() => api[Symbol.asyncDispose]());

describe("a compressed request", () => {
  const { body, headers } = binaryRequest(ROWS, ALL);
  test.each([
    ["gzip", gzipSync(body)],
    ["x-gzip", gzipSync(body)],
    ["GZIP", gzipSync(body)],
    ["deflate", deflateSync(body)],
    ["deflate", deflateRawSync(body)],
    ["identity", body],
  ])("with %s has lengths as they were before", async (encoding, compressed) => {
    const reply = await oip(url, compressed, { ...headers, "content-encoding": encoding });
    expect(reply.status).toBe(200);
    expect(reply.tail.subarray(16).equals(plain)).toBe(true);
  });

  test.each([
    ["br", 415, "the content encoding should be gzip or deflate"],
    ["gzip, deflate", 415, "the content encoding should be gzip or deflate"],
    ["gzip", 400, "the body is not gzip data"],
  ])("with %s of other bytes is %i", async (encoding, status, error) => {
    const reply = await oip(url, body, { ...headers, "content-encoding": encoding });
    expect([reply.status, reply.json]).toEqual([status, { error }]);
    expect(reply.headers.get("accept-encoding")).toBe(status === 415 ? "gzip, deflate" : null);
  });

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
  ] as const)("that inflates over the limit is 413: %s", async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(64 * 2 ** 20));
    expect(bomb.length).toBeLessThan(100_000);
    const reply = await oip(url, bomb, { "content-encoding": encoding });
    expect([reply.status, reply.json]).toEqual([
      413,
      { error: "the inflated body is larger than 200000 bytes" },
    ]);
  });
});

describe("an answer in the encoding that the client accepts", () => {
  const many = binaryRequest(
    Array.from({ length: 100 }, (_, index) => ROWS[index % 2] ?? []),
    ALL,
  );

  test.each([
    ["gzip", "gzip"],
    ["deflate", "deflate"],
    ["gzip, deflate, br, zstd", "gzip"],
    ["gzip;q=0.1, deflate;q=0.9", "deflate"],
    ["*", "gzip"],
    ["gzip;q=0, *", "deflate"],
    ["identity", null],
    ["br", null],
    ["gzip;q=0", null],
    [undefined, null],
  ])("%s: %s", async (accept, encoding) => {
    const headers = { ...many.headers, ...(accept !== undefined && { "accept-encoding": accept }) };
    const reply = await sendBytes(url, many.body, headers);
    expect(reply.headers["content-encoding"] ?? null).toBe(encoding);
    expect(reply.headers["vary"]).toBe("accept-encoding");
    expect(Number(reply.headers["content-length"])).toBe(reply.sent.length);
    const length = Number(reply.headers["inference-header-content-length"]);
    const json = JSON.parse(reply.body.subarray(0, length).toString());
    expect(json.outputs[1].shape).toEqual([100, 3]);
    expect(reply.body.length - length).toBe(100 * (8 + 12));
  });

  test("a short answer is sent as it is", async () => {
    const { body, headers } = binaryRequest(ROWS);
    const reply = await sendBytes(url, body, { ...headers, "accept-encoding": "gzip" });
    expect(reply.headers["content-encoding"]).toBeUndefined();
  });
});
