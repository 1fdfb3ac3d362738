import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { startInProcess } from "../support/in-process-api.ts";
import { post, send } from "../support/json-request.ts";
import { resident } from "../support/process-resources.ts";
import { listRoutes } from "../support/route-list.ts";

// What a client costs that the gate turns away: a parsed head, whatever it sends after it.

const KEY = "0123456789abcdef-gate";
const BODY_BYTES = 16_000_000;
const GUARDED = { API_KEYS: `ci:${KEY}`, ADMIN_KEYS: `ops:${KEY}-admin` };

/** Sends a head and a part of the body that it announces, and gives the response that comes nevertheless. */
async function stalled(url: string, head: string, body = Buffer.alloc(1000, " ")) {
  const { hostname, port } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  socket.on("error", () => {});
  await once(socket, "connect");
  const announced = `host: localhost\r\ncontent-length: ${BODY_BYTES}\r\n\r\n`;
  socket.write(`${head}\r\n${announced}`);
  socket.write(body);
  let text = "";
  socket.setEncoding("latin1").on("data", (part) => (text += part));
  await new Promise((ended) => socket.once("end", ended));
  return { status: Number(text.split(" ")[1]), head: text, close: () => socket.destroy() };
}

async function gauge(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

describe("a client without a key", () => {
  let api: ApiProcess;
  beforeAll(async () => {
    api = await startApi({ variables: GUARDED });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  test("costs no memory for bodies that stall before their end", async () => {
    const before = resident(api);
    const most = Buffer.alloc(BODY_BYTES - 100, " ");
    const paths = [
      "/nope",
      "/predict-batch",
      "/trpc/predict",
      "/jobs",
      "/v2/models/iris-mlp/infer",
    ];
    const open = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const path = paths[index % paths.length];
        return stalled(api.url, `POST ${path} HTTP/1.1\r\ncontent-type: application/json`, most);
      }),
    );
    expect(new Set(open.map(({ status }) => status))).toEqual(new Set([401, 404]));
    expect(await gauge(api.url, "http_request_body_bytes")).toBe(0);
    // 640 MB were sent.
    expect(resident(api) - before).toBeLessThan(200);
    for (const { close } of open) close();
  });

  test("is rejected before it sends a body that it asks for leave to send", async () => {
    const head = `POST /predict-batch HTTP/1.1\r\ncontent-type: application/json\r\nexpect: 100-continue`;
    const { status, head: text, close } = await stalled(api.url, head, Buffer.alloc(0));
    expect(status).toBe(401);
    expect(text).toMatch(/^connection: close\r$/m);
    close();
  });
});

test("every route, and an unknown one, decides by the head alone for every content type and credential", async () => {
  await using api = await startInProcess(GUARDED);
  const routes = listRoutes(api.routes)
    .filter(({ method }) => ["POST", "DELETE", "PUT", "GET"].includes(method))
    .map(({ method, url }) => `${method} ${url.replaceAll(/:\w+/g, "iris-forest")}`);
  const types = [
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    "a/b",
    undefined,
  ];
  const credentials = ["", `x-api-key: ${KEY}-wrong\r\n`];
  for (const route of new Set([...routes, "POST /nope", "BREW /predict"])) {
    const wrong = await Promise.all(
      types.flatMap((type) =>
        credentials.map(async (credential) => {
          const typed = type === undefined ? "" : `content-type: ${type}\r\n`;
          const { status, close } = await stalled(
            api.url,
            `${route} HTTP/1.1\r\nconnection: close\r\n${typed}${credential}x: y`,
          );
          close();
          // What is open and has no body, says that a method is wrong, or is not there.
          const good = [200, 400, 401, 404, 405, 413, 415].includes(status);
          return good && (status !== 200 || route.startsWith("GET")) ? [] : [`${type} ${status}`];
        }),
      ),
    );
    expect(wrong.flat(), route).toEqual([]);
    expect(await gauge(api.url, "http_request_body_bytes"), route).toBe(0);
  }
});

test("a body of tRPC that is no JSON is 415 at once", async () => {
  await using api = await startApi();
  const type = "content-type: multipart/form-data; boundary=x";
  for (const path of ["/trpc/predict", "/trpc/predict?batch=1", "/trpc/predictStream"]) {
    const { status, close } = await stalled(
      api.url,
      `POST ${path} HTTP/1.1\r\n${type}`,
      Buffer.alloc(BODY_BYTES - 100, "x"),
    );
    expect([path, status]).toEqual([path, 415]);
    close();
  }
});

describe("a long header", () => {
  const HEADERS = [
    "accept", "accept-encoding", "accept-language", "access-control-request-method", "authorization", "connection",
    "content-encoding", "content-type", "cookie", "forwarded", "idempotency-key", "if-modified-since", "if-none-match",
    "inference-header-content-length", "last-event-id", "origin", "range", "referer", "sec-fetch-site", "te",
    "traceparent", "tracestate", "trpc-accept", "user-agent", "x-api-key", "x-forwarded-for", "x-request-id",
    "x-request-timeout-ms",
  ]; // prettier-ignore
  const FILLS = {
    NBSP: "\u00a0",
    spaces: " ",
    tabs: "\t",
    commas: ",",
    semicolons: ";",
    digits: "1",
  };
  const ROUTES = [
    ["POST", "/predict"],
    ["POST", "/predict-file"],
    ["POST", "/v2/models/iris-forest/infer"],
    ["POST", "/trpc/predict"],
    ["GET", "/docs/swagger-ui.css"],
    ["OPTIONS", "/predict"],
  ];

  /** Time on the processor that the server's main thread takes for a request, in milliseconds. */
  async function cost({ child, url }: ApiProcess, request: string): Promise<number> {
    const spent = async () => {
      const text = await readFile(`/proc/${child.pid}/task/${child.pid}/schedstat`, "utf8");
      return Number(text.split(" ")[0]) / 1e6;
    };
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    const before = await spent();
    socket.write(request, "latin1");
    await once(socket, "data");
    const after = await spent();
    socket.destroy();
    return after - before;
  }

  test("costs no more than its length, whatever it is filled with", async () => {
    const variables = { ...GUARDED, CORS_ORIGINS: "https://app.example", TRUST_PROXY: "true" };
    await using api = await startApi({ variables });
    const slow: string[] = [];
    for (const name of HEADERS) {
      for (const [fill, text] of Object.entries(FILLS)) {
        for (const [method, path] of ROUTES) {
          const request = (bytes: number) =>
            `${method} ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n` +
            `${name === "x-api-key" ? "" : `x-api-key: ${KEY}\r\n`}${name}: x${text.repeat(bytes)}y\r\n\r\n`;
          let [short, long] = [await cost(api, request(7000)), await cost(api, request(15_000))];
          // A collection of garbage or a compiler may have come in between; 110 ms were found.
          for (let again = 0; again < 5 && long > 2 && long > 3 * short; again += 1) {
            [short, long] = [await cost(api, request(7000)), await cost(api, request(15_000))];
          }
          if (long > 2 && long > 3 * short)
            slow.push(`${method} ${path} ${name} ${fill}: ${short} ${long}`);
        }
      }
    }
    expect(slow).toEqual([]);
  });
});

test("calls of a batch count as what runs, however often their path is encoded", async () => {
  await using api = await startApi({ variables: { RATE_LIMIT: "1000/hour" } });
  const spend = async (separator: string, calls: number) => {
    const before = await fetch(`${api.url}/models`);
    const path = Array.from({ length: calls }, () => "predict").join(separator);
    const row = { features: [5.1, 3.5, 1.4, 0.2] };
    const input = Object.fromEntries(Array.from({ length: calls }, (_, at) => [at, row]));
    const { status, headers, text } = await post(`${api.url}/trpc/${path}?batch=1`, input);
    const remaining = (found: Headers) => Number(found.get("ratelimit-remaining"));
    const spent = remaining(before.headers) - remaining(headers);
    return { status, spent, ran: text.match(/setosa/g)?.length ?? 0 };
  };
  expect(await spend("%2C", 10)).toEqual({ status: 200, spent: 10, ran: 10 });
  expect(await spend(",", 10)).toEqual({ status: 200, spent: 10, ran: 10 });
  // One call of a procedure that does not exist.
  expect(await spend("%252C", 60)).toEqual({ status: 404, spent: 1, ran: 0 });
  expect(await spend("%25252C", 60)).toEqual({ status: 404, spent: 1, ran: 0 });
});

describe("a server on a loopback address", () => {
  let api: ApiProcess;
  beforeAll(async () => {
    api = await startApi({ variables: { PUBLIC_API_URL: "https://sepal.example/ml" } });
  });
  afterAll(() => api[Symbol.asyncDispose]());

  /** What `fetch` would not send: its own choice of `host`. */
  async function ask(path: string, host: string, method = "GET"): Promise<string> {
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    socket.write(`${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    let text = "";
    for await (const part of socket.setEncoding("utf8")) text += part;
    return text;
  }

  test("rejects the names of foreign sites on every route, in the error format of each", async () => {
    for (const path of ["/", "/models", "/metrics", "/health", "/openapi.json", "/docs", "/nope"]) {
      const text = await ask(path, "evil.example:8000");
      expect(text).toMatch(/^HTTP\/1\.1 421 /);
      expect(text).toContain('{"detail":"the host \\"evil.example\\" is not one of ALLOWED_HOSTS');
    }
    expect(await ask("/v2/models/iris-forest", "evil.example")).toMatch(
      /421 [^]*\{"error":"the host/,
    );
    expect(await ask("/trpc/health", "evil.example")).toMatch(/421 [^]*"httpStatus":421/);
    expect(await ask("/predict", "evil.example", "OPTIONS")).toMatch(/^HTTP\/1\.1 421 /);
  });

  test.each(["localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000", "sepal.example"])(
    "answers to %s",
    async (host) => {
      expect(await ask("/models", host)).toMatch(/^HTTP\/1\.1 200 /);
    },
  );

  test.each([
    ["a multipart form", "/jobs", "multipart/form-data; boundary=x"],
    ["a text", "/v2/models/iris-forest/infer", "text/plain"],
    ["a body without a type", "/v2/repository/index", undefined],
    ["a form", "/predict", "application/x-www-form-urlencoded"],
  ])("rejects %s that a foreign page sends", async (_what, path, type) => {
    const foreign = [
      { origin: "https://evil.example" },
      { origin: "null" },
      { origin: "http://localhost:5000", "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "cross-site" },
    ];
    for (const headers of foreign) {
      const response = await fetch(api.url + path, {
        method: "POST",
        headers: { ...headers, ...(type !== undefined && { "content-type": type }) },
        body: new Uint8Array(Buffer.from("{}")),
      });
      expect([headers, response.status]).toEqual([headers, 403]);
      expect(await response.text()).toContain("CORS_ORIGINS");
    }
  });

  test("serves its own pages and clients that are no browsers", async () => {
    const infer = `${api.url}/v2/repository/index`;
    const own = { origin: api.url, "sec-fetch-site": "same-origin" };
    for (const headers of [{}, own, { origin: api.url }]) {
      const typed = { "content-type": "text/plain", ...headers };
      expect((await send(infer, { method: "POST", headers: typed, body: "{}" })).status).toBe(200);
    }
  });
});

describe("health and metrics", () => {
  test("are computed once a second for all who ask", async () => {
    await using api = await startInProcess({ STATUS_MAX_AGE_MS: "60000" });
    const canaries = vi.spyOn(api.registry.resolve("iris-forest"), "predict");
    const paths = ["/health", "/health/ready", "/v2/health/ready", "/trpc/health"];
    const asked = Array.from({ length: 40 }, (_, at) => fetch(api.url + paths[at % paths.length]));
    for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
    expect(canaries).toHaveBeenCalledTimes(1);
    const text = async () => (await fetch(`${api.url}/metrics`)).text();
    expect(await text()).toBe(await text());
  });
});
