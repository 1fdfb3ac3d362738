import { beforeAll, describe, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { binaryRequest, float32Bytes, jsonRequest, oip, withTail } from "../support/oip-request.ts";
import { sharedApi } from "../support/shared-api.ts";

const ROWS = [
  [5.1, 3.5, 1.4, 0.2],
  [6.7, 3.0, 5.2, 2.3],
];
const INPUT = { name: "features", shape: [2, 4], datatype: "FP32" };
const sized = (binary_data_size: unknown) => ({
  inputs: [{ ...INPUT, parameters: { binary_data_size } }],
});
const TAIL = float32Bytes(ROWS.flat());

let api: ApiProcess;
let url: string;
beforeAll(async () => {
  api = await sharedApi();
  url = `${api.url}/v2/models/iris-forest/infer`;
});

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
