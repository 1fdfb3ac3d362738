import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { sendRaw } from "../support/raw-request.ts";

let api: ApiProcess;
beforeAll(async () => {
  api = await startApi({ variables: { ALLOWED_HOSTS: "*" } });
});
afterAll(() => api[Symbol.asyncDispose]());

const POST = "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

describe("bytes that are no HTTP request are answered in the default face", () => {
  test.each([
    [400, "two lengths", `${POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    [
      400,
      "a length and chunks",
      `${POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`,
    ],
    [400, "a header without a colon", `${POST}nonsense\r\n\r\n`],
    [400, "another protocol", "\u0016\u0003\u0001\r\n\r\n"],
    [413, "long chunk extensions", `${POST}Transfer-Encoding: chunked\r\n\r\n1;${"x".repeat(2e4)}`],
    [431, "a head of 20 kB", `${POST}x: ${"x".repeat(20_000)}\r\n\r\n`],
  ])("%i %s", async (status, _name, bytes) => {
    const reply = await sendRaw(api.url, bytes);
    expect(reply.status).toBe(status);
    expect(reply.body).toEqual({ detail: expect.any(String), request_id: expect.any(String) });
    expect(reply.head).toContain(`x-request-id: ${reply.body.request_id}`);
    expect(reply.head).toContain("connection: close");
  });
});

describe("a path that is no URL encoding is 400 in the face of its route", () => {
  const message = "the path is not valid URL encoding";
  test.each([
    ["/%", { detail: message }],
    ["/models/%zz/background", { detail: message }],
    ["/v2/models/%", { error: message }],
    ["/trpc/%", { error: { message, data: { code: "BAD_REQUEST", httpStatus: 400 } } }],
  ])("%s", async (path, body) => {
    const reply = await send(api.url + path, { headers: { "x-request-id": "id-1" } });
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject(body);
    expect(reply.headers.get("x-request-id")).toBe("id-1");
    expect(reply.text).not.toContain("FST_");
  });

  test("as RFC 9457", async () => {
    const accept = "application/problem+json";
    const reply = await send(`${api.url}/%`, { headers: { accept } });
    expect(reply.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(reply.body).toMatchObject({ type: "urn:sepal:error:malformed_request", status: 400 });
  });
});

test.each(["m".repeat(101), "m".repeat(5000)])(
  "a long name is one that no model has",
  async (name) => {
    for (const path of [`/models/${name}`, `/v2/models/${name}`]) {
      expect((await send(api.url + path)).status).toBe(404);
    }
    const reply = await post(`${api.url}/predict/${name}`, { features: [5.1, 3.5, 1.4, 0.2] });
    expect(reply.status).toBe(404);
  },
);

test.each(["[::", "a b", ""])("the host %j is 400 on tRPC", async (host) => {
  const reply = await sendRaw(
    api.url,
    `GET /trpc/health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  );
  expect(reply.status).toBe(400);
  expect(reply.body.error.data).toMatchObject({ code: "BAD_REQUEST", httpStatus: 400 });
});

describe("the Host of a request", () => {
  const ask = (hosts: string, path = "/health/live", version = "1.1") =>
    sendRaw(api.url, `GET ${path} HTTP/${version}\r\n${hosts}Connection: close\r\n\r\n`);

  test.each([
    ["two", "Host: a\r\nHost: b\r\n"],
    ["the same twice", "Host: a\r\nx: y\r\nhOST: a\r\n"],
    ["none", ""],
    ["empty", "Host:\r\n"],
    ["a list", "Host: a, b\r\n"],
    ["a path", "Host: a/b\r\n"],
    ["a user", "Host: a@b\r\n"],
    ["a space", "Host: a b\r\n"],
    ["a port that is none", "Host: a:b\r\n"],
    ["an open bracket", "Host: [::1\r\n"],
    ["a bad escape", "Host: a%2\r\n"],
    ["bytes beyond ASCII", "Host: \u00e9\r\n"],
  ])("%s is 400 in every face", async (_name, hosts) => {
    const rest = await ask(hosts);
    expect(rest.status).toBe(400);
    expect(rest.body).toEqual({
      detail: expect.stringContaining("Host"),
      request_id: expect.any(String),
    });
    expect(rest.head).toMatch(/^connection: close$/im);
    const trpc = await ask(hosts, "/trpc/health");
    expect(trpc.body.error.data).toMatchObject({ code: "BAD_REQUEST", httpStatus: 400 });
    const oip = await ask(hosts, "/v2/health/live");
    expect([oip.status, oip.body]).toEqual([400, { error: expect.stringContaining("Host") }]);
    expect((await ask(hosts, "/nope")).status).toBe(400);
  });

  test("what follows a request with two is not served", async () => {
    const two = "GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n";
    const { head } = await sendRaw(api.url, two + two.replace("Host: b\r\n", ""));
    expect(head).toMatch(/^HTTP\/1.1 400 /);
  });

  test.each(["a", "A.example:8000", "127.0.0.1:1", "[::1]", "[::1]:80", "a_b", "a:", "%41"])(
    "%s is served",
    async (host) => {
      expect((await ask(`Host: ${host}\r\n`)).status).toBe(200);
    },
  );

  test("HTTP/1.0 needs none, and may have one", async () => {
    expect((await ask("", "/health/live", "1.0")).status).toBe(200);
    expect((await ask("Host: a\r\n", "/health/live", "1.0")).status).toBe(200);
    expect((await ask("Host: a b\r\n", "/health/live", "1.0")).status).toBe(400);
  });
});

describe("methods that few use", () => {
  const ask = (method: string, path: string, headers = "") =>
    sendRaw(
      api.url,
      `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers}\r\n`,
    );

  test.each(["TRACE", "QUERY", "PROPFIND", "MKCOL", "LOCK", "UNSUBSCRIBE", "M-SEARCH"])(
    "%s is 405 on a route",
    async (method) => {
      for (const [path, allow] of [
        ["/predict", "POST"],
        ["/predict/iris-mlp?a=b", "POST"],
        ["/models/iris-mlp/background", "GET, HEAD"],
        ["/v2/models/iris-mlp/versions/1/infer", "POST"],
        ["/trpc/predict", "(?:get, )?post"],
        ["/trpc/health?batch=1", "get(?:, post)?"],
      ]) {
        const reply = await ask(method, path ?? "");
        expect([path, reply.status]).toEqual([path, 405]);
        expect(reply.head).toMatch(new RegExp(`^allow: ${allow}$`, "im"));
        expect(JSON.stringify(reply.body)).toMatch(new RegExp(`this route takes ${allow}"`, "i"));
      }
    },
  );

  test.each(["PROPFIND", "MKCOL"])("%s is 404 elsewhere", async (method) => {
    for (const path of ["/nope", "/predictions", "/v2/models/a/b/c"]) {
      expect((await ask(method, path)).status).toBe(404);
    }
  });

  test("HEAD answers as GET without a body, and OPTIONS is refused like any other", async () => {
    for (const path of ["/", "/models", "/health", "/v2", "/v2/models/iris-mlp", "/nope"]) {
      const [head, get] = await Promise.all(
        ["HEAD", "GET"].map((method) => fetch(api.url + path, { method })),
      );
      expect([path, head?.status]).toEqual([path, get?.status]);
      expect(head?.headers.get("content-type")).toBe(get?.headers.get("content-type"));
      expect(head?.headers.has("content-length")).toBe(true);
      expect(await head?.text()).toBe("");
      const options = await fetch(api.url + path, { method: "OPTIONS" });
      expect([path, options.status]).toEqual([path, path === "/nope" ? 404 : 405]);
    }
    const head = await fetch(`${api.url}/predict`, { method: "HEAD" });
    expect([head.status, head.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("QUERY is 404 elsewhere, with a content type and without", async () => {
    expect((await ask("QUERY", "/nope")).status).toBe(404);
    expect((await ask("QUERY", "/trpc/health")).status).toBe(405);
    expect((await ask("QUERY", "/nope", "Content-Type: application/json\r\n")).status).toBe(404);
  });
});

test("none of these is a failure of the server", () => {
  expect(api.log.filter((line) => line["level"] === "error")).toEqual([]);
});
