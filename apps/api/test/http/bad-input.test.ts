import { beforeAll, describe, expect, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { BAD_BATCH, BAD_PREDICT } from "../support/bad-input-cases.ts";
import {
  expectFailure,
  jsonPost,
  PREDICT,
  PREDICT_BATCH,
  sendToBoth,
} from "../support/both-faces.ts";
import { post, send } from "../support/json-request.ts";
import { sharedApi } from "../support/shared-api.ts";

let api: ApiProcess;
/** Lines that other files of this worker had the server log. */
let before = 0;
beforeAll(async () => {
  api = await sharedApi();
  before = api.log.length;
});

const GOOD = { features: [5.1, 3.5, 1.4, 0.2] };

describe.each([
  { twins: PREDICT, cases: BAD_PREDICT },
  { twins: PREDICT_BATCH, cases: BAD_BATCH },
])("$twins.route and trpc $twins.procedure refuse", ({ twins, cases }) => {
  test.each(cases)("%s", async (_name, body, detail) => {
    const replies = await sendToBoth(api.url, twins, jsonPost(body));
    expectFailure(replies, 422, "UNPROCESSABLE_CONTENT");
    expect(replies.rest.body.detail).toEqual(detail);
    expect(replies.rest.body.errors_total).toBe(detail.length);
    const { data } = replies.trpc.body.error;
    expect(data.detail).toEqual(replies.rest.body.detail);
    expect(data.errors_total).toBe(detail.length);
  });

  test.each(["", "{", '{"features":[5.1,', "{'features':[1,2,3,4]}", '{"a":NaN}', '{"a":1,}'])(
    "a body that is no JSON: %j",
    async (body) => {
      const replies = await sendToBoth(api.url, twins, jsonPost(body));
      expectFailure(replies, 400, "PARSE_ERROR");
      expect(replies.rest.body.detail).toBe(replies.trpc.body.error.message);
      expect(replies.rest.body.detail).toMatch(/^the body is (?:empty$|not JSON: )/);
    },
  );

  test("no body at all", async () => {
    const replies = await sendToBoth(api.url, twins, { method: "POST" });
    expectFailure(replies, 400, "PARSE_ERROR");
    expect(replies.rest.body.detail).toBe("the body is empty");
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "application/xml"])(
    "content type %s",
    async (type) => {
      const init = {
        method: "POST",
        headers: { "content-type": type },
        body: JSON.stringify(GOOD),
      };
      const replies = await sendToBoth(api.url, twins, init);
      expectFailure(replies, 415, "UNSUPPORTED_MEDIA_TYPE");
      expect(replies.rest.body.detail).toBe("the content type should be application/json");
    },
  );

  test("a body without a content type", async () => {
    const body = new TextEncoder().encode(JSON.stringify(GOOD));
    const replies = await sendToBoth(api.url, twins, { method: "POST", body });
    expectFailure(replies, 415, "UNSUPPORTED_MEDIA_TYPE");
  });

  test.each(["GET", "PUT", "PATCH", "DELETE"])("method %s", async (method) => {
    const headers = { "content-type": "application/json" };
    const body = method === "GET" ? null : JSON.stringify(GOOD);
    const replies = await sendToBoth(api.url, twins, { method, headers, body });
    expectFailure(replies, 405, "METHOD_NOT_SUPPORTED");
    expect(replies.rest.headers.get("allow")).toBe("POST");
    expect(replies.trpc.headers.get("allow")).toBe("POST");
  });

  test("a body over the limit", async () => {
    const replies = await sendToBoth(api.url, twins, jsonPost(" ".repeat(16 * 2 ** 20 + 1)));
    expectFailure(replies, 413, "PAYLOAD_TOO_LARGE");
    const limit = twins.route === "/predict" ? 65_536 : 16 * 2 ** 20;
    expect(replies.rest.body.detail).toBe(`the body is larger than ${limit} bytes`);
  });

  test("a body over the limit that did not say its length", async () => {
    const chunk = new Uint8Array(2 ** 20).fill(0x20);
    const body = () => ReadableStream.from(Array.from({ length: 17 }, () => chunk));
    const headers = { "content-type": "application/json" };
    for (const path of [twins.route, `/trpc/${twins.procedure}`]) {
      const init = { method: "POST", headers, body: body(), duplex: "half" as const };
      expect((await send(`${api.url}${path}`, init)).status).toBe(413);
    }
  });

  test.each([
    [{ model_name: "rose" }, 'there is no model "rose"'],
    [{ model_name: "__proto__" }, 'there is no model "__proto__"'],
    [{ model_version: "7" }, 'model "iris-forest" has no version "7"'],
    [{ model_name: "iris-mlp", model_version: "7" }, 'model "iris-mlp" has no version "7"'],
  ])("%j", async (choice, message) => {
    const input = { ...(twins === PREDICT ? GOOD : { rows: [GOOD.features] }), ...choice };
    const replies = await sendToBoth(api.url, twins, jsonPost(JSON.stringify(input)));
    expectFailure(replies, 404, "NOT_FOUND");
    expect(replies.rest.body.detail).toBe(message);
    expect(replies.trpc.body.error.message).toBe(message);
  });
});

describe("one prediction takes no more than 64 KiB", () => {
  const padded = (bytes: number) => JSON.stringify(GOOD).padEnd(bytes);

  test.each([
    "/predict",
    "/predict/iris-mlp",
    "/v1/predict",
    "/iris/predict",
    "/trpc/iris.predict",
  ])("%s", async (path) => {
    expect((await post(api.url + path, padded(65_536))).status).toBe(200);
    expect((await post(api.url + path, padded(65_537))).status).toBe(413);
  });

  test("a batch takes more", async () => {
    const body = JSON.stringify({ rows: [GOOD.features] }).padEnd(65_537);
    expect((await post(`${api.url}/predict-batch`, body)).status).toBe(200);
  });
});

test("of more than 100 broken rules the first 100 are listed and all are counted", async () => {
  const rows = Array.from({ length: 30 }, () => [-1, "x", null, 0]);
  const body = jsonPost(JSON.stringify({ rows }));
  const { rest, trpc } = await sendToBoth(api.url, PREDICT_BATCH, body);
  expect(rest.body.detail).toHaveLength(100);
  expect(rest.body.detail[99].loc).toEqual(["body", "rows", 24, 3]);
  expect(rest.body.errors_total).toBe(120);
  expect(trpc.body.error.data).toMatchObject({ detail: rest.body.detail, errors_total: 120 });
});

test("an input is cut at 200 characters", async () => {
  const text = "é".repeat(1000);
  const long = await post(`${api.url}/predict`, { features: [text, 3.5, 1.4, 0.2] });
  expect(long.body.detail[0].input).toBe("é".repeat(200));
  const many = Array.from({ length: 1000 }, (_, index) => index + 1);
  const list = await post(`${api.url}/predict`, { features: many });
  expect(list.body.detail[0].input).toBe(JSON.stringify(many).slice(0, 200));
});

describe("what REST was sent never changes what tRPC accepts", () => {
  test.each([null, "", "false", "5.1", true])("%j", async (value) => {
    const body = { features: [5.1, value, 1.4, 0.2] };
    const strict = await post(`${api.url}/predict`, body);
    const lenient = await post(`${api.url}/v1/predict`, body);
    const trpc = await post(`${api.url}/trpc/predict`, body);
    expect(strict.status).toBe(422);
    expect(lenient.status).toBe(value === "5.1" ? 200 : 422);
    expect(trpc.status).toBe(422);
    expect(trpc.body.error.data.detail).toEqual(strict.body.detail);
  });
});

// A media type of its own for what is JSON: RFC 6839.
test.each(["application/vnd.api+json", "application/ld+json; charset=utf-8", "text/x.rows+json"])(
  "a body of type %s is JSON for every kind of endpoint",
  async (type) => {
    const row = GOOD.features;
    const inputs = [{ name: "features", shape: [1, 4], datatype: "FP32", data: row }];
    const bodies = {
      "/predict": GOOD,
      "/predict/iris-forest": GOOD,
      "/predict-batch": { rows: [row] },
      "/explain": GOOD,
      "/invocations": { instances: [row] },
      "/v1/predict": GOOD,
      "/v2/predict": GOOD,
      "/v2/models/iris-forest/infer": { inputs },
      "/trpc/predict": GOOD,
      "/trpc/predict,iris.predict?batch=1": { 0: GOOD, 1: GOOD },
    };
    for (const [path, body] of Object.entries(bodies)) {
      const { status, text } = await post(`${api.url}${path}`, body, { "content-type": type });
      expect([path, status], text).toEqual([path, 200]);
    }
  },
);

test("after all of this the server still answers, and tells no fault of its own", async () => {
  const { rest, trpc } = await sendToBoth(api.url, PREDICT, jsonPost(JSON.stringify(GOOD)));
  expect(rest.body).toMatchObject({ class: 0, label: "setosa" });
  expect(trpc.body.result.data).toMatchObject({ class: 0, label: "setosa" });
  expect((await send(`${api.url}/health`)).body.status).toBe("ok");
  expect(api.child.exitCode).toBeNull();
  expect(api.errors()).toBe("");
  expect(api.log.slice(before).filter((line) => line["level"] === "error")).toEqual([]);
});
