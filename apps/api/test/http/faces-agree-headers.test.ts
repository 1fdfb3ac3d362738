import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ANSWERED,
  BODY_LIMIT,
  OTHERS,
  REFUSED,
  type FaceRequest,
} from "../support/faces-agree-requests.ts";
import { startOneAndSeveral, PROCESSES, type OneAndSeveral } from "../support/one-and-several.ts";
import { headerDifference, seenHeaders } from "../support/seen-headers.ts";

// What stands above an answer: alike from one process and several, and by each face but for what is listed here.

const PAGE = "https://page.example";
const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

let servers: OneAndSeveral;
beforeAll(async () => {
  servers = await startOneAndSeveral({
    CACHE_SIZE: "100",
    CORS_ORIGINS: PAGE,
    MAX_BODY_BYTES: String(BODY_LIMIT),
    RATE_LIMIT: "100000/minute",
  });
});
afterAll(() => servers[Symbol.asyncDispose]());

async function ask(url: string, { path, headers, ...init }: FaceRequest, more = {}) {
  const reply = await fetch(url + path, { ...init, headers: { ...headers, ...more } });
  await reply.arrayBuffer();
  return { status: reply.status, headers: seenHeaders(reply.headers) };
}

const fromPage = (request: FaceRequest) =>
  ask(servers.one.url, request, { origin: PAGE, traceparent: TRACE });

const every = [
  ...Object.values(ANSWERED),
  ...Object.values(REFUSED).flatMap((faces): FaceRequest[] => Object.values(faces)),
  ...OTHERS,
];

test.each([
  ["a new id", {}],
  ["the id, trace and origin sent", { "x-request-id": "a.1", origin: PAGE, traceparent: TRACE }],
])(`one process and ${PROCESSES} respond with the same headers and %s`, async (_, more) => {
  for (const request of every) {
    const [alone, shared] = await Promise.all([
      ask(servers.one.url, request, more),
      ask(servers.several.url, request, more),
    ]);
    expect(shared, `${request.method} ${request.path}`).toEqual(alone);
    const { headers } = alone;
    expect(headers["x-request-id"]).toBe("x-request-id" in more ? "a.1" : "own");
    expect(headers["traceparent"]).toBe("traceparent" in more ? TRACE : undefined);
    expect(headers["x-content-type-options"], request.path).toBe("nosniff");
  }
});

/** What a face says otherwise than `POST /predict`, and why. */
type Intended = Readonly<Record<string, string | null>>;

const ADAPTED = "trpc-accept, accept, origin";
/** Only single predictions are looked up in the cache. */
const UNCACHED: Intended = { "x-cache": null };
/** The form of a call of tRPC depends on what its client accepts. */
const TRPC: Intended = { vary: ADAPTED };
/** The stock adapter writes it, in parts, and names no charset: JSON has but one. */
const ADAPTER: Intended = {
  ...TRPC,
  "content-length": null,
  "content-type": "application/json",
  "transfer-encoding": "chunked",
};
/** A stream begins before anything is computed, and with no length. */
const STREAMED: Intended = {
  "content-length": null,
  "server-timing": null,
  "transfer-encoding": "chunked",
  "x-cache": null,
};
/** Such a file has no place to name the model in. */
const FILE: Intended = { ...STREAMED, "x-model-used": "iris-forest", "x-model-version": "1" };
/** Long JSON is compressed, and of a thread's stream the length is not known then. */
const LONG: Intended = {
  "content-encoding": "gzip",
  "content-length": null,
  "transfer-encoding": "chunked",
  vary: "origin, accept-encoding",
};
/** The protocol wants exactly this type, and has compression of its own. */
const OIP: Intended = {
  "content-type": "application/json",
  vary: "accept-encoding, origin",
  "x-cache": null,
};

const ANSWERS: Readonly<Record<keyof typeof ANSWERED, Intended>> = {
  rest: {},
  "rest, by model": {},
  "rest, by contract": {},
  "rest, legacy": {},
  "rest, batch": UNCACHED,
  "rest, batch on a thread": { ...UNCACHED, ...LONG },
  "rest, explained": UNCACHED,
  "rest, events": {
    ...STREAMED,
    "content-type": "text/event-stream",
    // No proxy may keep an event back or make another of it.
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
    vary: "accept, origin",
  },
  "rest, CSV": { ...FILE, "content-type": "text/csv; charset=utf-8" },
  "rest, NDJSON": { ...FILE, "content-type": "application/x-ndjson" },
  trpc: TRPC,
  "trpc, by contract": TRPC,
  "trpc, batch": { ...TRPC, ...UNCACHED },
  "trpc, batch of calls": TRPC,
  "trpc, stream": { ...ADAPTER, ...STREAMED },
  oip: OIP,
  "oip, compressed": { ...OIP, "content-encoding": "gzip" },
  "oip, binary": {
    ...OIP,
    "content-type": "application/octet-stream",
    "inference-header-content-length": "146",
  },
};

test("every face answers with the headers of POST /predict, but for those listed", async () => {
  const reference = await fromPage(ANSWERED.rest);
  expect(reference.status).toBe(200);
  for (const name of ["server-timing", "x-request-id", "ratelimit", "ratelimit-remaining"]) {
    expect(reference.headers[name], name).toBe("own");
  }
  for (const [face, request] of Object.entries(ANSWERED)) {
    const { status, headers } = await fromPage(request);
    expect(status, face).toBe(200);
    const difference = headerDifference(reference.headers, headers);
    expect(difference, face).toEqual(ANSWERS[face as keyof typeof ANSWERED]);
  }
});

const CHARSETLESS: Intended = { "content-type": "application/json" };
const REFUSALS: Readonly<Record<string, Intended>> = {
  problem: { "content-type": "application/problem+json; charset=utf-8" },
  events: {},
  trpc: TRPC,
  oip: CHARSETLESS,
};
/** tRPC finds its procedures itself: a wrong method passes the quota. */
const WRONG_METHOD: Intended = {
  ...TRPC,
  ratelimit: "own",
  "ratelimit-limit": "100000",
  "ratelimit-policy": '"calls";q=100000;w=60',
  "ratelimit-remaining": "own",
  "ratelimit-reset": "own",
};

test.each(Object.entries(REFUSED))(
  "%s is refused with the same status and headers by every face, but for those listed",
  async (reason, faces: Readonly<Record<string, FaceRequest>>) => {
    const { rest, ...others } = faces;
    if (rest === undefined) throw new Error("REST comes first");
    const reference = await fromPage(rest);
    for (const [face, request] of Object.entries(others)) {
      const { status, headers } = await fromPage(request);
      // The protocol knows no 422.
      const expected = face === "oip" && reference.status === 422 ? 400 : reference.status;
      expect(status, face).toBe(expected);
      const own = face === "trpc" && reason === "wrong method" ? WRONG_METHOD : REFUSALS[face];
      expect(headerDifference(reference.headers, headers), face).toEqual(own);
    }
  },
);

/** What a script of another origin may read of every reply, by the Fetch standard. */
const SAFELISTED = ["cache-control", "content-length", "content-type"];
/** What is for the browser, a cache or the connection. */
const NOT_FOR_SCRIPTS =
  /^(access-control-|connection$|content-(encoding|security-policy)$|cross-origin-|date$|keep-alive$|permissions-policy$|referrer-policy$|transfer-encoding$|vary$|x-accel-buffering$|x-content-type-options$|x-frame-options$)/;

test("a page of another origin may read every header that is for it", async () => {
  for (const request of every.filter(({ method }) => method !== "OPTIONS")) {
    const { headers } = await fromPage(request);
    const readable = headers["access-control-expose-headers"]?.split(", ") ?? [];
    const hidden = Object.keys(headers).filter(
      (name) => ![...SAFELISTED, ...readable].includes(name) && !NOT_FOR_SCRIPTS.test(name),
    );
    expect(hidden, request.path).toEqual([]);
  }
});
