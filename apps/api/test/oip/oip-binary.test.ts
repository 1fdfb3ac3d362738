import { beforeAll, describe, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { post } from "../support/json-request.ts";
import { binaryRequest, float32Bytes, jsonRequest, oip } from "../support/oip-request.ts";
import { sharedApi } from "../support/shared-api.ts";

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
  api = await sharedApi();
  url = `${api.url}/v2/models/iris-forest/infer`;
  const { body } = await post(`${api.url}/predict-batch`, { rows: ROWS });
  const predictions: { class: number; proba: number[] }[] = body.predictions;
  plain = {
    classes: predictions.map((row) => row.class),
    proba: predictions.flatMap(({ proba }) => proba),
  };
});

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
