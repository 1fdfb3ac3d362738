import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type ApiProcess } from "./api-process.ts";
import { post } from "./json-request.ts";

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
const CURL = /^\$ curl -s localhost:8000(\S+) .*-d '([^']*)'\n(.*)$/gm;
const calls = [...readme.matchAll(CURL)].map(([, path = "", body = "", answer = ""]) => ({
  path,
  body,
  answer: JSON.parse(answer),
}));

let api: ApiProcess;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

test("the README shows a prediction and a refusal", () => {
  expect(calls.map(({ answer }) => Object.keys(answer)[0])).toEqual(["class", "detail"]);
});

test.each(calls)("README: $path $body answers as shown", async ({ path, body, answer }) => {
  const shown = { ...answer };
  // What differs from one call to the next.
  for (const name of ["processing_time_ms", "request_id"]) {
    if (name in shown) shown[name] = expect.anything();
  }
  expect((await post(api.url + path, body)).body).toEqual(shown);
});
