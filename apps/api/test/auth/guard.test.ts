import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytes } from "../../src/endpoints/endpoint.ts";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { GOOD, requestOf } from "../support/failures.ts";
import { startInProcess } from "../support/in-process-api.ts";
import { send } from "../support/json-request.ts";

const KEY = "0123456789abcdef-caller";
const ADMIN_KEY = "0123456789abcdef-admin";
const VARIABLES = { API_KEYS: `nightly:${KEY},${KEY}-2`, ADMIN_KEYS: `ops:${ADMIN_KEY}` };

describe("with API_KEYS", () => {
  let api: ApiProcess;
  beforeAll(async () => {
    api = await startApi({ variables: VARIABLES });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const predict = (path: string, headers: Record<string, string>) =>
    send(api.url + path, requestOf(GOOD, headers));

  test.each([
    ["x-api-key", { "x-api-key": KEY }, "key:nightly"],
    ["a second key", { "x-api-key": `${KEY}-2` }, "key:2"],
    ["authorization", { authorization: `Bearer ${KEY}` }, "key:nightly"],
    ["authorization in another case", { authorization: `bearer  ${KEY}` }, "key:nightly"],
    ["the key of an admin", { "x-api-key": ADMIN_KEY }, "admin:ops"],
  ])("%s lets a caller in, and the log names it", async (_name, headers, caller) => {
    for (const path of ["/predict", "/trpc/predict"]) {
      const reply = await predict(path, headers);
      expect(reply.status).toBe(200);
      const id = reply.headers.get("x-request-id");
      await expect
        .poll(() => api.log.find((line) => line["request_id"] === id))
        .toMatchObject({ caller, status: 200 });
    }
  });

  const MISSING = /^an API key or a bearer token is needed$/;
  const UNKNOWN = /^the key is not known$/;
  test.each([
    ["nothing", {}, MISSING, /^Bearer realm="sepal", ApiKey realm="sepal"$/],
    ["an unknown key", { "x-api-key": `${KEY}3` }, UNKNOWN, /error="invalid_token"/],
    ["an empty key", { "x-api-key": "" }, UNKNOWN, /error="invalid_token"/],
    ["two keys", { "x-api-key": `${KEY}, ${KEY}` }, UNKNOWN, /error="invalid_token"/],
    ["the wrong scheme", { authorization: `Basic ${btoa(`a:${KEY}`)}` }, /Bearer/, /^Bearer/],
    ["a bare key", { authorization: KEY }, /Bearer/, /^Bearer/],
  ])("%s is 401 in every face", async (_name, headers, message, challenge) => {
    const replies = {
      rest: await predict("/predict", headers),
      problem: await predict("/predict", { ...headers, accept: "application/problem+json" }),
      trpc: await predict("/trpc/predict", headers),
      oip: await send(`${api.url}/v2/models/iris-forest`, { headers }),
    };
    for (const [face, reply] of Object.entries(replies)) {
      expect(reply.status, face).toBe(401);
      expect(reply.headers.get("www-authenticate"), face).toMatch(challenge);
    }
    const { rest, problem, trpc, oip } = replies;
    expect(rest.body).toEqual({
      detail: expect.stringMatching(message),
      request_id: rest.headers.get("x-request-id"),
    });
    expect(problem.body).toMatchObject({ type: "urn:sepal:error:unauthorized", status: 401 });
    expect(trpc.body.error).toMatchObject({
      message: expect.stringMatching(message),
      data: { code: "UNAUTHORIZED", httpStatus: 401, path: "predict" },
    });
    expect(oip.body).toEqual({ error: expect.stringMatching(message) });
  });

  test("a route that does not exist is 404 to everybody", async () => {
    expect((await send(`${api.url}/nope`)).status).toBe(404);
  });

  test("no key is in the log", async () => {
    await predict("/predict", { "x-api-key": KEY });
    expect(api.log.length).toBeGreaterThan(1);
    expect(JSON.stringify(api.log) + api.errors()).not.toContain("0123456789abcdef");
  });
});

describe("admin routes", () => {
  const endpoint = bytes({
    rest: { method: "POST", path: "/v2/repository/test" },
    format: "oip",
    rules: { access: "admin" },
    handler: ({ call }, reply) => reply.send({ caller: call.caller }),
    tag: "test",
    summary: "Who calls",
    document: () => ({ responses: {} }),
  });
  const start = (variables: Record<string, string>) => startInProcess(variables, { endpoint });
  const ask = (url: string, headers: Record<string, string>) =>
    send(`${url}/v2/repository/test`, { method: "POST", headers });

  test.each<Record<string, string>>([{}, { API_KEYS: KEY }])(
    "do not exist without an admin key: %j",
    async (variables) => {
      await using api = await start(variables);
      const reply = await ask(api.url, { "x-api-key": KEY });
      expect(reply.status).toBe(404);
      expect(reply.body).toEqual({ error: "there is no such route" });
    },
  );

  test.each([
    [VARIABLES, {}, 401, { error: "an API key or a bearer token is needed" }],
    [VARIABLES, { "x-api-key": "nobody-has-this-key" }, 401, { error: "the key is not known" }],
    [VARIABLES, { "x-api-key": KEY }, 403, { error: "an admin key is needed" }],
    [VARIABLES, { "x-api-key": ADMIN_KEY }, 200, { caller: "admin:ops" }],
    [
      { ADMIN_KEYS: ADMIN_KEY },
      { authorization: `Bearer ${ADMIN_KEY}` },
      200,
      { caller: "admin:1" },
    ],
  ])("with %j, %j is %i", async (variables, headers, status, body) => {
    await using api = await start({ ...variables });
    const reply = await ask(api.url, { ...headers });
    expect(reply.status).toBe(status);
    expect(reply.body).toEqual(body);
    expect(reply.headers.has("www-authenticate")).toBe(status === 401);
  });

  test.each([
    [VARIABLES, { "x-api-key": KEY }, { caller: "key:nightly", credential: "api_key" }],
    [VARIABLES, { "x-api-key": ADMIN_KEY }, { caller: "admin:ops", credential: "admin_key" }],
    [{}, { "x-api-key": "nobody-has-this-key" }, { caller: null, credential: null }],
  ])("with %j, /me names the sender of %j", async (variables, headers, expected) => {
    await using api = await start({ ...variables });
    const { body } = await send(`${api.url}/me`, { headers: { ...headers } });
    expect(body).toEqual({ ...expected, expires_at: null });
  });

  test("alone ask nothing of other callers", async () => {
    await using api = await start({ ADMIN_KEYS: ADMIN_KEY });
    expect((await send(`${api.url}/predict`, requestOf(GOOD))).status).toBe(200);
    const { body } = await send(`${api.url}/openapi.json`);
    expect(body.paths["/predict"].post.security).toBeUndefined();
  });
});
