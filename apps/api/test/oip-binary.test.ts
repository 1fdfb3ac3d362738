import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "./api-process.ts";
import { post } from "./json-request.ts";
import { sendBytes } from "./send-bytes.ts";
import { binaryRequest, float32Bytes, jsonRequest, oip, withTail } from "./oip-request.ts";

// The binary tensor data extension, byte by byte; docs/open-inference-protocol.md names these tests.

const ROWS = [
  [5.1, 3.5, 1.4, 0.2],
  [6.7, 3.0, 5.2, 2.3],
];
const BINARY = { parameters: { binary_data: true } };
const ALL = { parameters: { binary_data_output: true } };

let api: ApiProcess;
let url: string;
/** What the rows' JSON answer says. */
let plain: { classes: number[]; proba: number[] };
beforeAll(async () => {
  api = await startApi({ variables: { MAX_BODY_BYTES: "200000" } });
  url = `${api.url}/v2/models/iris-forest/infer`;
  const { body } = await post(`${api.url}/predict-batch`, { rows: ROWS });
  const predictions: { class: number; proba: number[] }[] = body.predictions;
  plain = {
    classes: predictions.map((row) => row.class),
    proba: predictions.flatMap(({ proba }) => proba),
  };
});
afterAll(() => api[Symbol.asyncDispose]());

const classBytes = (classes: readonly number[]) =>
  Buffer.from(BigInt64Array.from(classes, BigInt).buffer);

describe("a request whose input follows as bytes", () => {
  test("is answered as JSON where it asks for nothing else", async () => {
    const { body, headers } = binaryRequest(ROWS, { id: "7" });
    const { status, json, tail, ...reply } = await oip(url, body, headers);
    expect([status, tail.length]).toEqual([200, 0]);
    expect(reply.headers.get("content-type")).toBe("application/json");
    expect(json).toEqual({
      model_name: "iris-forest",
      model_version: "1",
      id: "7",
      outputs: [
        { name: "class", datatype: "INT64", shape: [2], data: plain.classes },
        { name: "proba", datatype: "FP32", shape: [2, 3], data: plain.proba },
      ],
    });
  });

  test("is answered as bytes, little-endian and in the order of the outputs", async () => {
    const outputs = [
      { name: "proba", ...BINARY },
      { name: "class", ...BINARY },
    ];
    const { body, headers } = binaryRequest(ROWS, { outputs });
    const { status, json, tail, ...reply } = await oip(url, body, headers);
    expect(status).toBe(200);
    expect(reply.headers.get("content-type")).toBe("application/octet-stream");
    expect(json.outputs).toEqual([
      { name: "proba", datatype: "FP32", shape: [2, 3], parameters: { binary_data_size: 24 } },
      { name: "class", datatype: "INT64", shape: [2], parameters: { binary_data_size: 16 } },
    ]);
    const expected = Buffer.concat([float32Bytes(plain.proba), classBytes(plain.classes)]);
    expect(tail.equals(expected)).toBe(true);
    const header = Number(reply.headers.get("inference-header-content-length"));
    expect(Number(reply.headers.get("content-length"))).toBe(header + 40);
  });

  test("may start where no float32 does", async () => {
    for (const id of ["", "1", "12", "123"]) {
      const { body, headers } = binaryRequest(ROWS, { id });
      expect((await oip(url, body, headers)).json.outputs[1].data).toEqual(plain.proba);
    }
  });

  test("may be a JSON header with spaces around it", async () => {
    const head = `  ${JSON.stringify({
      inputs: [
        { name: "features", shape: [1, 4], datatype: "FP32", parameters: { binary_data_size: 16 } },
      ],
    })}\n `;
    const body = Buffer.concat([Buffer.from(head), float32Bytes(ROWS[0] ?? [])]);
    const headers = { "inference-header-content-length": String(Buffer.byteLength(head)) };
    expect((await oip(url, body, headers)).status).toBe(200);
  });
});

describe("outputs as bytes", () => {
  test.each([
    ["all by binary_data_output", ALL, ["class", "proba"]],
    [
      "one by binary_data",
      { outputs: [{ name: "class" }, { name: "proba", ...BINARY }] },
      ["proba"],
    ],
    [
      "binary_data over binary_data_output",
      {
        ...ALL,
        outputs: [{ name: "class", parameters: { binary_data: false } }, { name: "proba" }],
      },
      ["proba"],
    ],
    ["none by false", { parameters: { binary_data_output: false } }, []],
  ])("%s, for an input in JSON", async (_what, more, binary) => {
    const { json, tail, headers } = await oip(url, jsonRequest(ROWS, more));
    const outputs: { name: string; parameters?: object; data?: number[] }[] = json.outputs;
    const sized = outputs.filter(({ parameters }) => parameters !== undefined);
    expect(sized.map(({ name }) => name)).toEqual(binary);
    expect(sized.every(({ data }) => data === undefined)).toBe(true);
    const bytes = { class: classBytes(plain.classes), proba: float32Bytes(plain.proba) };
    const wanted = binary.map((name) => (name === "class" ? bytes.class : bytes.proba));
    expect(tail.equals(Buffer.concat(wanted))).toBe(true);
    expect(headers.has("inference-header-content-length")).toBe(binary.length > 0);
  });
});

describe("a raw request: a header length of 0 and the bytes alone", () => {
  const RAW = { "inference-header-content-length": "0" };

  test("is answered with all outputs as bytes", async () => {
    const { status, json, tail } = await oip(url, float32Bytes(ROWS.flat()), RAW);
    expect(status).toBe(200);
    expect(json.outputs.map(({ shape }: { shape: number[] }) => shape)).toEqual([[2], [2, 3]]);
    const bytes = [classBytes(plain.classes), float32Bytes(plain.proba)];
    expect(tail.equals(Buffer.concat(bytes))).toBe(true);
  });

  test.each([
    ["no bytes", [], 'input "features": it has no rows'],
    ["half a row", [1, 2], 'input "features": 8 bytes are no rows of 16 bytes'],
    [
      "a number out of bounds",
      [1, 2, 3, 4, 1, 2, 3, Number.NaN],
      'input "features", row 1, feature "petal_width": Input should be a valid number',
    ],
    [
      "infinity",
      [Infinity, 2, 3, 4],
      'input "features", row 0, feature "sepal_length": Input should be a finite number',
    ],
    [
      "zero",
      [1, 0, 3, 4],
      'input "features", row 0, feature "sepal_width": Input should be greater than 0',
    ],
  ])("is refused with %s", async (_what, values, error) => {
    const reply = await oip(url, float32Bytes(values), RAW);
    expect([reply.status, reply.json]).toEqual([400, { error }]);
  });
});

const INPUT = { name: "features", shape: [2, 4], datatype: "FP32" };
const sized = (binary_data_size: unknown) => ({
  inputs: [{ ...INPUT, parameters: { binary_data_size } }],
});
const TAIL = float32Bytes(ROWS.flat());

describe("a request whose bytes do not fit is refused with 400", () => {
  test.each([
    [
      "a size that is not the shape's",
      withTail(sized(16), TAIL),
      'input "features": its shape takes 32 bytes, its binary_data_size is 16',
    ],
    [
      "a size that is a text",
      withTail(sized("32"), TAIL),
      'input "features": its shape takes 32 bytes, its binary_data_size is "32"',
    ],
    [
      "fewer bytes than its size",
      withTail(sized(32), TAIL.subarray(1)),
      'input "features": 31 bytes follow the JSON, its shape takes 32',
    ],
    [
      "more bytes than its size",
      withTail(sized(32), Buffer.concat([TAIL, TAIL])),
      'input "features": 64 bytes follow the JSON, its shape takes 32',
    ],
    [
      "bytes for no input",
      withTail(jsonRequest(ROWS), TAIL),
      "32 bytes follow the JSON, for no input",
    ],
    [
      "both data and bytes",
      withTail({ inputs: [{ ...sized(32).inputs[0], data: ROWS }] }, TAIL),
      'input "features": it has both data and binary_data_size',
    ],
    [
      "a size and no header",
      { body: Buffer.from(JSON.stringify(sized(32))), headers: {} },
      'input "features": 0 bytes follow the JSON, its shape takes 32',
    ],
    [
      "binary_data that is no boolean",
      withTail(
        { ...sized(32), outputs: [{ name: "class", parameters: { binary_data: "yes" } }] },
        TAIL,
      ),
      'parameter "binary_data" should be true or false',
    ],
    [
      "binary_data_output that is no boolean",
      withTail({ ...sized(32), parameters: { binary_data_output: 1 } }, TAIL),
      'parameter "binary_data_output" should be true or false',
    ],
  ])("%s", async (_what, { body, headers }, error) => {
    const reply = await oip(url, body, headers);
    expect([reply.status, reply.json]).toEqual([400, { error }]);
  });

  test.each(["-1", "1e3", "abc", "", "99999", "1.5", "0x10"])(
    "a header length of %j",
    async (length) => {
      const { body } = binaryRequest(ROWS);
      const reply = await oip(url, body, { "inference-header-content-length": length });
      expect(reply.status).toBe(400);
      expect(reply.json.error).toBe(
        `inference-header-content-length should be a whole number from 0 to ${body.length}, the length of the body`,
      );
    },
  );

  test("a header length that ends within the JSON, or after it", async () => {
    const { body, headers } = binaryRequest(ROWS);
    const length = Number(headers["inference-header-content-length"]);
    for (const wrong of [length - 1, length + 1]) {
      const reply = await oip(url, body, { "inference-header-content-length": String(wrong) });
      expect(reply.status).toBe(400);
      expect(reply.json.error).toMatch(/^the body is not JSON: /);
    }
  });
});

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
    expect(reply.tail.subarray(16).equals(float32Bytes(plain.proba))).toBe(true);
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
    const before = performance.now();
    const reply = await oip(url, bomb, { "content-encoding": encoding });
    expect([reply.status, reply.json]).toEqual([
      413,
      { error: "the inflated body is over the limit" },
    ]);
    expect(performance.now() - before).toBeLessThan(5000);
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

test("a large request goes to a worker thread and back as bytes", async () => {
  const rows = Array.from({ length: 5000 }, (_, index) => ROWS[index % 2] ?? []);
  const { body, headers } = binaryRequest(rows, ALL);
  const { status, json, tail } = await oip(url, body, headers);
  expect([status, tail.length]).toEqual([200, 5000 * (8 + 12)]);
  expect(json.outputs.map(({ shape }: { shape: number[] }) => shape)).toEqual([[5000], [5000, 3]]);
  const proba = Buffer.concat(Array.from({ length: 2500 }, () => float32Bytes(plain.proba)));
  expect(tail.subarray(40_000).equals(proba)).toBe(true);
  const wrong = binaryRequest(rows.with(4321, [1, 2, -3, 4]), ALL);
  const refused = await oip(url, wrong.body, wrong.headers);
  expect(refused.json).toEqual({
    error: 'input "features", row 4321, feature "petal_length": Input should be greater than 0',
  });
});
