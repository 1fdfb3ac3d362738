import { createTRPCClient, httpBatchLink, TRPCClientError } from "@trpc/client";
import { describe, expect, test } from "vitest";
import type { AppRouter } from "../../src/endpoints/trpc-router.ts";
import { eventually, startApi } from "../support/api-process.ts";
import { GOOD, requestOf } from "../support/failures.ts";
import { send } from "../support/json-request.ts";

const KEY = "0123456789abcdef-quota";

/** Starts the API and waits until it is ready, without a call that is counted. */
async function startUnasked(variables: Record<string, string>) {
  const api = await startApi({ variables, ready: false });
  await eventually(async () => (await fetch(`${api.url}/health/ready`)).ok, "ready");
  return api;
}

const predict = (url: string, headers: Record<string, string> = {}, path = "/predict") =>
  send(url + path, requestOf(GOOD, headers));

test("calls over the quota are 429 in every face and say when to come back", async () => {
  await using api = await startUnasked({ RATE_LIMIT: "3/minute" });
  for (const left of [2, 1, 0]) {
    const { status, headers } = await predict(api.url);
    expect(status).toBe(200);
    expect(headers.get("ratelimit-policy")).toBe('"calls";q=3;w=60');
    expect(headers.get("ratelimit")).toMatch(new RegExp(`^"calls";r=${left};t=\\d+$`));
    expect(headers.get("ratelimit-limit")).toBe("3");
    expect(headers.get("ratelimit-remaining")).toBe(String(left));
    expect(Number(headers.get("ratelimit-reset"))).toBeLessThanOrEqual(60);
  }
  const replies = {
    rest: await predict(api.url),
    problem: await predict(api.url, { accept: "application/problem+json" }),
    trpc: await predict(api.url, {}, "/trpc/predict"),
    batch: await predict(api.url, {}, "/trpc/predict?batch=1"),
    oip: await send(`${api.url}/v2/models/iris-forest`),
    models: await send(`${api.url}/models`),
  };
  for (const [face, { status, headers }] of Object.entries(replies)) {
    expect(status, face).toBe(429);
    const wait = Number(headers.get("retry-after"));
    expect(wait, face).toBeGreaterThanOrEqual(1);
    expect(wait, face).toBeLessThanOrEqual(20);
    expect(headers.get("ratelimit-remaining"), face).toBe("0");
  }
  const { rest, problem, trpc, oip } = replies;
  const message = "more than 3 calls in 60 s";
  expect(rest.body).toMatchObject({ detail: message });
  expect(problem.body).toMatchObject({ type: "urn:sepal:error:too_many_requests", status: 429 });
  expect(trpc.body.error).toMatchObject({ message, data: { code: "TOO_MANY_REQUESTS" } });
  expect(oip.body).toEqual({ error: message });
  // What an operator needs answers all the same, and so does what does not exist.
  for (const [path, status] of [
    ["/health", [200, 503]],
    ["/health/live", [200]],
    ["/health/ready", [200, 503]],
    ["/v2/health/live", [200]],
    ["/metrics", [200]],
    ["/trpc/health", [200]],
    ["/nope", [404]],
  ] as const) {
    expect(status, path).toContain((await send(api.url + path)).status);
  }
});

test("each call of a tRPC batch counts", async () => {
  await using api = await startUnasked({ RATE_LIMIT: "5/hour" });
  const client = createTRPCClient<AppRouter>({
    links: [httpBatchLink({ url: `${api.url}/trpc` })],
  });
  const ask = (calls: number) =>
    Promise.all(Array.from({ length: calls }, () => client.models.list.query()));
  const refusal = (calls: number) =>
    ask(calls).then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(await ask(3)).toHaveLength(3);
  const error = await refusal(3);
  expect(error).toBeInstanceOf(TRPCClientError);
  expect(error).toMatchObject({ data: { code: "TOO_MANY_REQUESTS", httpStatus: 429 } });
  // None of the refused batch was counted: two are left.
  expect(await ask(2)).toHaveLength(2);
  expect(await refusal(1)).toMatchObject({ data: { httpStatus: 429 } });
  expect(await refusal(6)).toMatchObject({
    message: "a batch of 6 calls is more than the 5 allowed in 3600 s",
  });
});

describe("whose quota", () => {
  const from = (address: string) => ({ "x-forwarded-for": address });

  test("of each address, which only a trusted proxy may name", async () => {
    await using direct = await startUnasked({ RATE_LIMIT: "2/hour" });
    const statuses = [];
    for (const address of ["10.0.0.1", "10.0.0.2", "10.0.0.3"]) {
      statuses.push((await predict(direct.url, from(address))).status);
    }
    expect(statuses).toEqual([200, 200, 429]);
  });

  test.each(["true", "1", "loopback", "127.0.0.1, 10.9.0.0/16"])(
    "of the address a proxy names, with TRUST_PROXY=%s",
    async (TRUST_PROXY) => {
      await using api = await startUnasked({ RATE_LIMIT: "1/hour", TRUST_PROXY });
      expect((await predict(api.url, from("10.0.0.1"))).status).toBe(200);
      expect((await predict(api.url, from("10.0.0.1"))).status).toBe(429);
      expect((await predict(api.url, from("10.0.0.2"))).status).toBe(200);
      // What a caller puts before its own address counts only where everybody is believed.
      const forged = await predict(api.url, from("10.0.0.77, 10.0.0.1"));
      expect(forged.status).toBe(TRUST_PROXY === "true" ? 200 : 429);
    },
  );

  test("of each key; guesses count for the address", async () => {
    const variables = { RATE_LIMIT: "2/hour", API_KEYS: `a:${KEY}-a,b:${KEY}-b` };
    await using api = await startUnasked(variables);
    const status = async (key: string) => (await predict(api.url, { "x-api-key": key })).status;
    expect([await status(`${KEY}-a`), await status(`${KEY}-a`)]).toEqual([200, 200]);
    expect(await status(`${KEY}-a`)).toBe(429);
    expect(await status(`${KEY}-b`)).toBe(200);
    expect([await status("guess"), await status("guess")]).toEqual([401, 401]);
    expect(await status("guess")).toBe(429);
    expect(await status(`${KEY}-b`)).toBe(200);
  });
});
