import { Agent, request, type IncomingHttpHeaders } from "node:http";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startInProcess } from "../support/in-process-api.ts";
import { sized } from "../support/sized.ts";

// The JSON adapter against tRPC's own, which every request with a `trpc-accept` header goes to.

const RUNS = sized(5000, 1500);

/** How often each status has to be seen, at least. */
const SEEN = sized(10, 0);

/** Reply headers that a client may act on. */
const HEADERS = ["vary", "allow", "retry-after", "x-request-id", "connection"];

let api: Awaited<ReturnType<typeof startInProcess>>;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

beforeAll(async () => {
  api = await startInProcess({
    MAX_BODY_BYTES: "4000",
    MAX_BATCH_ROWS: "20",
    // Long responses of the JSON adapter alone are compressed.
    COMPRESSION: "false",
  });
  // The clock stands still, so that processing times are equal; ids are given by each request.
  vi.spyOn(performance, "now").mockReturnValue(1000);
});

afterAll(async () => {
  vi.restoreAllMocks();
  agent.destroy();
  await api[Symbol.asyncDispose]();
});

interface Call {
  /** With its query. */
  readonly path: string;
  readonly method: string;
  readonly body: string;
  readonly headers: Record<string, string>;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const STOCK = { "trpc-accept": "application/json" };

function send(
  { path, method, body, headers }: Call,
  more: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${api.url}/trpc/${path}`,
      {
        method,
        agent,
        // Said by hand: the client frames no body for a DELETE.
        headers: {
          "x-request-id": "same",
          ...(method !== "GET" && { "content-length": Buffer.byteLength(body) }),
          ...headers,
          ...more,
        },
      },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on("data", (part: Buffer) => parts.push(part));
        incoming.on("end", () =>
          resolve({
            status: incoming.statusCode,
            headers: incoming.headers,
            body: Buffer.concat(parts).toString("latin1"),
          }),
        );
      },
    );
    outgoing.once("error", reject);
    outgoing.end(method === "GET" ? undefined : body);
  });
}

/**
 * What of a reply has to be equal. Intended differences:
 * - `content-type`: the JSON adapter adds `charset=utf-8`, because Fastify does so for every text;
 * - `content-length` against `transfer-encoding: chunked`: it knows its text before it sends it.
 */
function essence({ status, headers, body }: Answer) {
  const type = headers["content-type"]?.replace("; charset=utf-8", "");
  return { status, type, body, headers: HEADERS.map((name) => [name, headers[name]]) };
}

const feature = fc.oneof(
  { weight: 12, arbitrary: fc.double({ min: 0.1, max: 8, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(0, -1, 1e39, 1e-46, null, "5.1", true, [], {}) },
);
const row = fc.oneof(
  { weight: 10, arbitrary: fc.array(feature, { minLength: 4, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.array(feature, { maxLength: 6 }) },
);
const choice = {
  model_name: fc.option(fc.constantFrom<unknown>("iris-forest", "iris-mlp", "nope", "", 7), {
    nil: undefined,
    freq: 3,
  }),
  model_version: fc.option(fc.constantFrom<unknown>("1", "2", 1), { nil: undefined, freq: 5 }),
};
const single = fc.record({ features: row, ...choice });
const batch = fc.record({
  rows: fc.array(row, { maxLength: 22 }),
  batch_size: fc.option(fc.integer({ min: -1, max: 25 }), { nil: undefined }),
  ...choice,
});
const extra = fc.record({ features: row, extra: fc.jsonValue() });
const text = fc.oneof(
  { weight: 6, arbitrary: single.map((value) => JSON.stringify(value)) },
  { weight: 4, arbitrary: batch.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: extra.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.json() },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "",
      "{",
      "[1,2",
      "null",
      "\uFEFF{}",
      '{"features":[1e400,1,1,1]}',
      '{"features":[1,1,1,1],"__proto__":{"a":1}}',
      `{"features":[1,1,1,1]}${" ".repeat(5000)}`,
    ),
  },
  { weight: 1, arbitrary: single.map((value) => JSON.stringify(value).slice(0, -1)) },
);
const headers = fc.record({
  "content-type": fc.oneof(
    { weight: 8, arbitrary: fc.constant("application/json") },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "application/json; charset=utf-8",
        "text/plain",
        "application/xml",
      ),
    },
  ),
  accept: fc.constantFrom("*/*", "application/json", "application/problem+json"),
});
const timeout = fc.option(fc.constantFrom("0", "5000", "-1", "soon"), { nil: undefined, freq: 12 });
const call: fc.Arbitrary<Call> = fc
  .record({
    path: fc.constantFrom("predict", "predictBatch", "iris.predict", "iris.predictBatch"),
    method: fc.oneof(
      { weight: 20, arbitrary: fc.constant("POST") },
      { weight: 1, arbitrary: fc.constantFrom("PUT", "DELETE") },
    ),
    body: text,
    headers,
    timeout,
  })
  .map(({ path, method, body, headers: given, timeout: limit }) => {
    const sent: Record<string, string> = given;
    if (limit !== undefined) sent["x-request-timeout-ms"] = limit;
    return { path, method, body, headers: sent };
  });

/** Runs of a property whose two responses have to be equal; gives how often each status was seen. */
async function compare(calls: fc.Arbitrary<Call>): Promise<Map<number | undefined, number>> {
  const seen = new Map<number | undefined, number>();
  await fc.assert(
    fc.asyncProperty(calls, async (sent) => {
      const [own, stock] = await Promise.all([send(sent), send(sent, STOCK)]);
      expect(essence(own)).toEqual(essence(stock));
      seen.set(own.status, (seen.get(own.status) ?? 0) + 1);
    }),
    { numRuns: RUNS },
  );
  expect(seen.get(500)).toBeUndefined();
  return seen;
}

test(`${RUNS} generated calls get the same response from both adapters`, async () => {
  const seen = await compare(call);
  // The calls have to reach every kind of response, or their equality says little.
  for (const status of [200, 400, 404, 405, 413, 415, 422, 504]) {
    expect(seen.get(status) ?? 0, `responses with ${status}`).toBeGreaterThan(SEEN);
  }
});

const MUTATIONS = ["predict", "iris.predict", "predictBatch", "wine.predict", "explain", "nope"];
const QUERIES = ["health", "models.list", "models.get", "nope", "constructor", "__proto__"];

const inputs = (values: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.dictionary(fc.constantFrom("0", "1", "2", "3", "7"), values) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(null, [], 5, "x") },
  );
const mutations: fc.Arbitrary<Call> = fc
  .record({
    names: fc.array(fc.constantFrom(...MUTATIONS), { minLength: 1, maxLength: 5 }),
    stray: fc.option(fc.constantFrom("health", "models.get"), { nil: undefined, freq: 12 }),
    comma: fc.constantFrom(",", "%2C", "%2c", "%252C"),
    query: fc.oneof(
      { weight: 8, arbitrary: fc.constant("?batch=1") },
      {
        weight: 1,
        arbitrary: fc.constantFrom("?batch=1&x=y", "?x&batch=1", "?batch=2", "?batch=1&batch=2"),
      },
    ),
    method: fc.oneof(
      { weight: 12, arbitrary: fc.constant("POST") },
      { weight: 1, arbitrary: fc.constantFrom("PUT", "GET") },
    ),
    body: fc.oneof(
      {
        weight: 12,
        arbitrary: inputs(fc.oneof(single, batch, extra)).map((value) => JSON.stringify(value)),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom("", "{", '{"0":{"features":[1e400,1,1,1]}}', "\uFEFF{}"),
      },
    ),
    headers,
    timeout,
  })
  .map(({ names, stray, comma, query, method, body, headers: given, timeout: limit }) => ({
    path: [...names, ...(stray === undefined ? [] : [stray])].join(comma) + query,
    method,
    body,
    headers: { ...given, ...(limit !== undefined && { "x-request-timeout-ms": limit }) },
  }));
const queries: fc.Arbitrary<Call> = fc
  .record({
    names: fc.array(fc.constantFrom(...QUERIES), { minLength: 1, maxLength: 4 }),
    batched: fc.boolean(),
    input: fc.oneof(
      {
        weight: 8,
        arbitrary: inputs(
          fc.record({ model_name: fc.constantFrom<unknown>("iris-mlp", "nope", 7) }),
        ).map((value) => JSON.stringify(value)),
      },
      { weight: 2, arbitrary: fc.constantFrom("", '{"model_name":"iris-mlp"}', "{", "null") },
    ),
    method: fc.oneof(
      { weight: 12, arbitrary: fc.constant("GET") },
      { weight: 1, arbitrary: fc.constantFrom("POST", "DELETE") },
    ),
  })
  .map(({ names, batched, input, method }) => ({
    path: `${names.join(",")}?${batched ? "batch=1&" : ""}input=${encodeURIComponent(input)}`,
    method,
    body: "{}",
    headers: { accept: "*/*", ...(method !== "GET" && { "content-type": "application/json" }) },
  }));

test(`${RUNS} generated batches get the same response from both adapters`, async () => {
  const seen = await compare(
    fc.oneof({ weight: 3, arbitrary: mutations }, { weight: 1, arbitrary: queries }),
  );
  for (const status of [200, 207, 400, 404, 405, 415, 422]) {
    expect(seen.get(status) ?? 0, `responses with ${status}`).toBeGreaterThan(SEEN);
  }
});

test("the two are different code: only the JSON adapter knows the length of its response", async () => {
  for (const path of ["predict", "predict?batch=1", "predict,explain?batch=1"]) {
    const body = path.includes("batch")
      ? '{"0":{"features":[5.1,3.5,1.4,0.2]}}'
      : '{"features":[5.1,3.5,1.4,0.2]}';
    const sent: Call = {
      path,
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    };
    expect((await send(sent)).headers["content-length"]).toBeDefined();
    expect((await send(sent, STOCK)).headers["transfer-encoding"]).toBe("chunked");
  }
});
