import { connect } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { sharedApi } from "../support/shared-api.ts";

let api: ApiProcess;
beforeAll(async () => {
  api = await sharedApi();
});

/** Sends bytes as they are and reads the reply to its end. */
function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    let reply = "";
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setEncoding("utf8").on("data", (part: string) => (reply += part));
    socket.once("end", () => resolve(reply)).once("error", reject);
  });
}

describe("a path that the router cannot read", () => {
  test.each(["/models/%E0%A4%A", "/predict/%", "/nope/%zz"])(
    "%s is 400 in the default form",
    async (path) => {
      const reply = await fetch(api.url + path, { headers: { "x-request-id": "odd" } });
      expect(reply.status).toBe(400);
      expect(await reply.json()).toEqual({
        detail: "the path is not valid URL encoding",
        request_id: "odd",
      });
      expect(reply.headers.get("x-request-id")).toBe("odd");
    },
  );

  test.each([
    ["/trpc/%E0%A4%A", (body: { error?: { data?: object } }) => body.error?.data],
    ["/v2/models/%E0%A4%A", (body: { error?: unknown }) => body.error],
  ])("%s is 400 in the form of its routes", async (path, inside) => {
    const reply = await fetch(api.url + path);
    expect(reply.status).toBe(400);
    expect(inside(JSON.parse(await reply.text()))).toBeDefined();
  });
});

test("a model name of 128 characters is looked up, percent-encoded too", async () => {
  for (const name of ["m".repeat(128), "%E2%82%AC".repeat(128)]) {
    expect((await send(`${api.url}/models/${name}`)).status).toBe(404);
  }
});

test.each([
  ["no HTTP at all", "hello\r\n\r\n", 400],
  [
    "headers over the limit",
    `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
    431,
  ],
  [
    "two lengths of one body",
    "POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    400,
  ],
])("%s is answered in the default form and the connection closed", async (_what, text, status) => {
  const [head = "", body = ""] = (await raw(text)).split("\r\n\r\n");
  expect(head).toContain(`HTTP/1.1 ${status} `);
  expect(head).toContain("connection: close");
  expect(JSON.parse(body)).toEqual({
    detail: expect.any(String),
    request_id: expect.stringMatching(/^[\da-f-]{36}$/),
  });
});

test("a default model that does not exist is not replaced by another one", async () => {
  await using typo = await startApi({ variables: { DEFAULT_MODEL: "iris-forst" }, ready: false });
  const predict = () => post(`${typo.url}/predict`, { features: [5.1, 3.5, 1.4, 0.2] });
  expect((await predict()).status).toBe(503);
  expect((await send(`${typo.url}/health`)).body.model_loaded).toBe(false);
});

test("a bound of the queue below the number of canary rows does not keep models from loading", async () => {
  await using small = await startApi({ variables: { QUEUE_MAX_ROWS: "2" } });
  const reply = await post(`${small.url}/predict`, { features: [5.1, 3.5, 1.4, 0.2] });
  expect(reply.status).toBe(200);
  expect((await send(`${small.url}/metrics`)).text).not.toMatch(
    /inference_rejections_total\{.*\} [1-9]/,
  );
});

test("the log counts the rows of all calls of a tRPC batch", async () => {
  const features = [5.1, 3.5, 1.4, 0.2];
  const body = { 0: { features }, 1: { features }, 2: { features } };
  const headers = { "x-request-id": "three" };
  await post(`${api.url}/trpc/predict,predict,predict?batch=1`, body, headers);
  await expect
    .poll(() => api.log.find((line) => line["request_id"] === "three"))
    .toMatchObject({ rows: 3, model: "iris-forest" });
});
