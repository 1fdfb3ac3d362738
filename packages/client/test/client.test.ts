import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../../../apps/api/test/support/api-process.ts";
import { createClient } from "../src/index.ts";
import { toFailure } from "../src/failure.ts";
import { full, json, scriptedServer } from "./scripted-server.ts";

const SETOSA: [number, number, number, number] = [5.1, 3.5, 1.4, 0.2];
const BAD: [number, number, number, number] = [-1, 3.5, 1.4, 0.2];

const body = { result: { data: { label: "setosa" } } };

describe("a refusal", () => {
  test("is sent again after the time the server names, and succeeds", async () => {
    await using server = await scriptedServer(full("0"), full("0"), json(200, body));
    const client = createClient({ url: server.url });
    await expect(client.predict.mutate({ features: SETOSA })).resolves.toEqual({ label: "setosa" });
    expect(server.requests).toHaveLength(3);
  });

  test("is told when the attempts are used up", async () => {
    await using server = await scriptedServer(full("0"), full("0"));
    const client = createClient({ url: server.url, retries: 1 });
    const failure = await client.predict.mutate({ features: SETOSA }).catch(toFailure);
    expect(failure).toEqual({
      kind: "unavailable",
      message: "the queue is full",
      status: 503,
      detail: [],
      errorsTotal: 0,
      retryable: true,
      retryAfter: 0,
      requestId: "r-1",
    });
    expect(server.requests).toHaveLength(2);
  });

  test("is told at once when the wait is longer than the call may take", async () => {
    await using server = await scriptedServer(full("60"));
    const client = createClient({ url: server.url, timeoutMs: 20_000 });
    const failure = await client.predict.mutate({ features: SETOSA }).catch(toFailure);
    expect(failure).toMatchObject({ kind: "unavailable", retryAfter: 60 });
  });

  test("is not sent again once the caller gives up", async () => {
    await using server = await scriptedServer(full("20"));
    const client = createClient({ url: server.url });
    const abort = new AbortController();
    const call = client.predict.mutate({ features: SETOSA }, { signal: abort.signal });
    await expect.poll(() => server.requests.length).toBe(1);
    abort.abort();
    expect(await call.catch(toFailure)).toMatchObject({ kind: "aborted", status: null });
  });
});

describe("a call without a response", () => {
  test("fails when its time is over, and its request is given up", async () => {
    let closed: Promise<unknown> | undefined;
    await using server = await scriptedServer((_request, response) => {
      closed = once(response, "close");
    });
    const client = createClient({ url: server.url, timeoutMs: 300 });
    const failure = await client.predict.mutate({ features: SETOSA }).catch(toFailure);
    expect(failure).toMatchObject({ kind: "timeout", message: "no response within 300 ms" });
    await closed;
    expect(Number(server.requests[0]?.headers["x-request-timeout-ms"])).toBeGreaterThan(200);
  });

  test("fails when nobody listens", async () => {
    const { url, [Symbol.asyncDispose]: stop } = await scriptedServer();
    await stop();
    const failure = await createClient({ url })
      .predict.mutate({ features: SETOSA })
      .catch(toFailure);
    expect(failure).toMatchObject({ kind: "unreachable", status: null, retryable: false });
  });

  test("tells a gateway's page by its status", async () => {
    await using server = await scriptedServer((_request, response) => {
      response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad Gateway</h1>");
    });
    const call = createClient({ url: server.url }).health.query();
    expect(await call.catch(toFailure)).toMatchObject({ kind: "unreachable", status: 502 });
  });
});

test("sends the key and the headers of the moment", async () => {
  await using server = await scriptedServer(json(200, body), json(200, body));
  let key: string | undefined = "first";
  const headers = { authorization: "Bearer token" };
  const client = createClient({ url: `${server.url}/`, apiKey: () => key, headers });
  await client.predict.mutate({ features: SETOSA });
  key = undefined;
  await client.predict.mutate({ features: SETOSA });
  const sent = server.requests.map((request) => request.headers);
  expect(sent[0]).toMatchObject({ "x-api-key": "first", authorization: "Bearer token" });
  expect(sent[1]).not.toHaveProperty("x-api-key");
  expect(server.requests[0]?.url).toBe("/trpc/predict");
});

describe("with a real server", () => {
  let api: ApiProcess;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(async () => {
    await api[Symbol.asyncDispose]();
  });

  test("more calls of one moment than one request may have go in several", async () => {
    const sent: string[] = [];
    const client = createClient({
      url: api.url,
      batch: true,
      fetch: (input, init) => {
        sent.push(new Request(input).url);
        return fetch(input, init);
      },
    });
    const calls = Array.from({ length: 101 }, () => client.predict.mutate({ features: SETOSA }));
    for (const { label } of await Promise.all(calls)) expect(label).toBe("setosa");
    expect(sent.map((url) => url.split(",").length)).toEqual([100, 1]);
  });

  test("the calls of one moment go in one request, and each has its own end", async () => {
    const sent: string[] = [];
    const client = createClient({
      url: api.url,
      batch: true,
      fetch: (input, init) => {
        sent.push(new Request(input).url);
        return fetch(input, init);
      },
    });
    const [good, bad] = await Promise.allSettled([
      client.predict.mutate({ features: SETOSA }),
      client.predict.mutate({ features: BAD }),
    ]);
    expect(sent).toEqual([`${api.url}/trpc/predict,predict?batch=1`]);
    expect(good).toMatchObject({ status: "fulfilled", value: { label: "setosa" } });
    const failure = toFailure(bad.status === "rejected" ? bad.reason : undefined);
    expect(failure).toMatchObject({ kind: "invalid", status: 422, errorsTotal: 1 });
    expect(failure.detail[0]).toMatchObject({ type: "greater_than", loc: ["body", "features", 0] });
  });

  test("a broken rule is not sent again", async () => {
    let requests = 0;
    const client = createClient({
      url: api.url,
      fetch: (input, init) => {
        requests += 1;
        return fetch(input, init);
      },
    });
    const failure = await client.predict.mutate({ features: BAD }).catch(toFailure);
    expect(failure).toMatchObject({ kind: "invalid", retryable: false });
    expect(failure).toHaveProperty("requestId", expect.stringMatching(/^[\w-]{36}$/));
    expect(requests).toBe(1);
  });

  test("an unknown model is not found", async () => {
    const client = createClient({ url: api.url });
    const call = client.models.get.query({ model_name: "rose" });
    expect(await call.catch(toFailure)).toMatchObject({ kind: "not_found", status: 404 });
  });
});
