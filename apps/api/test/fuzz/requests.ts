import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { float32Bytes } from "../support/oip-request.ts";
import { jsonTexts, textVariants } from "./json-values.ts";
import type { DocumentedBody, FuzzTarget } from "./targets.ts";

/** A request as it goes out. */
export interface FuzzRequest {
  readonly target: FuzzTarget;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "TRACE"];

/** Values of path parameters; every other model, version or job does not exist. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  model_name: [
    "iris-forest",
    "iris-mlp",
    "iris-logistic",
    "wine-forest",
    "penguins-forest",
    "penguins-logistic",
    "diabetes-boosting",
    "diabetes-ridge",
    "speeches-logistic",
    "speeches-svd",
  ],
  model_version: ["1"],
};

const segment = fc.oneof(
  fc.string({ minLength: 1, maxLength: 20, unit: "binary" }).map(encodeURIComponent),
  fc.constantFrom("..", ".", "%2F", "%00", "%zz", "9", "m".repeat(200), "%E2%82%AC".repeat(50)),
  fc.uuid(),
);

function parameter(name: string): fc.Arbitrary<string> {
  const known = KNOWN[name];
  if (known === undefined) return segment;
  return fc.oneof({ arbitrary: fc.constantFrom(...known), weight: 6 }, segment);
}

function paths({ path }: FuzzTarget): fc.Arbitrary<string> {
  const pieces = path.split(/(\{\w+\})/).map((piece) => {
    const name = /^\{(\w+)\}$/.exec(piece)?.[1];
    return name === undefined ? fc.constant(piece) : parameter(name);
  });
  const query = fc.oneof(
    { arbitrary: fc.constant(""), weight: 8 },
    fc.constantFrom(
      "?",
      "?a=b",
      "?strict=true",
      "?strict=maybe",
      "?batch=1",
      "?input=%7B%7D",
      "?input={",
    ),
  );
  return fc.tuple(fc.tuple(...pieces), query).map(([all, end]) => all.join("") + end);
}

/** A value in so many of a hundred cases. */
function maybe<T>(arbitrary: fc.Arbitrary<T>, percent: number): fc.Arbitrary<T | undefined> {
  const none = fc.constant(undefined);
  return fc.oneof({ arbitrary, weight: percent }, { arbitrary: none, weight: 100 - percent });
}

const headerText = fc.stringMatching(/^[ -~]{0,40}$/).map((text) => text.trim());

const headers = fc.record({
  accept: maybe(
    fc.constantFrom(
      "application/json",
      "application/problem+json",
      "*/*",
      "text/event-stream",
      "text/csv",
      "nonsense",
    ),
    30,
  ),
  "accept-encoding": maybe(
    fc.constantFrom("gzip", "deflate, gzip;q=0.5", "br", "zstd", "*;q=0", "identity"),
    15,
  ),
  "x-request-id": maybe(headerText, 10),
  "x-request-timeout-ms": maybe(
    fc.constantFrom("0", "1", "30000", "999999999", "soon", "-1", ""),
    15,
  ),
  traceparent: maybe(headerText, 10),
  "idempotency-key": maybe(headerText, 10),
  authorization: maybe(fc.constantFrom("Bearer x", "Basic eA==", "x"), 10),
  "trpc-accept": maybe(fc.constant("application/jsonl"), 5),
});

const contentTypes = fc.constantFrom(
  "application/json; charset=utf-8",
  "text/plain",
  "text/csv",
  "application/x-ndjson",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/octet-stream",
  "nonsense",
  "",
);

interface Body {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Bytes after JSON, with a length that is mostly right; the document's example ends in `<n bytes>`. */
function withBytes(head: string, length: number): fc.Arbitrary<Body> {
  const float = fc.oneof(fc.constantFrom(5.1, 3.5, 1.4, 0.2), fc.float());
  const floats = fc.array(float, { minLength: length / 4, maxLength: length / 4 });
  const name = "inference-header-content-length";
  const size = Buffer.byteLength(head);
  const stated = fc.oneof(
    { arbitrary: fc.constant(String(size)), weight: 4 },
    fc.constantFrom("0", String(size + 1), "-1", "x"),
  );
  return fc.tuple(floats, stated).map(([values, at]) => ({
    headers: { [name]: at },
    body: Buffer.concat([at === "0" ? Buffer.alloc(0) : Buffer.from(head), float32Bytes(values)]),
  }));
}

function bodiesOf({ type, example }: DocumentedBody): fc.Arbitrary<Body> {
  const plain = (text: string): Body => ({ headers: {}, body: Buffer.from(text) });
  const bytes = typeof example === "string" ? /^(\{.*\})<(\d+) bytes>$/s.exec(example) : null;
  if (bytes !== null) return withBytes(bytes[1] ?? "", Number(bytes[2]));
  if (type.includes("json") && typeof example !== "string") return jsonTexts(example).map(plain);
  return textVariants(typeof example === "string" ? example : "a,b\n1,2\n").map(plain);
}

/** The body with its content type and encoding, each sometimes wrong. */
function sent(documented: DocumentedBody): fc.Arbitrary<Body> {
  const type = fc.oneof({ arbitrary: fc.constant(documented.type), weight: 8 }, contentTypes);
  const encoding = fc.constantFrom(...Array<string>(12).fill(""), "gzip", "gzip", "broken", "br");
  return fc
    .tuple(bodiesOf(documented), type, encoding)
    .map(([{ headers: own, body }, media, how]) => ({
      headers: {
        ...own,
        ...(media !== "" && { "content-type": media }),
        ...(how !== "" && { "content-encoding": how === "broken" ? "gzip" : how }),
      },
      body: how === "gzip" ? gzipSync(body) : body,
    }));
}

const anyBody: DocumentedBody = {
  type: "application/json",
  example: { features: [5.1, 3.5, 1.4, 0.2] },
};

function requestsTo(target: FuzzTarget): fc.Arbitrary<FuzzRequest> {
  const method = fc.oneof(
    { arbitrary: fc.constant(target.method), weight: 9 },
    fc.constantFrom(...METHODS),
  );
  const documented =
    target.bodies.length > 0 ? fc.constantFrom(...target.bodies) : fc.constant(anyBody);
  const content = maybe(documented.chain(sent), target.bodies.length > 0 ? 97 : 5);
  return fc.tuple(method, paths(target), headers, content).map(([verb, path, some, given]) => ({
    target,
    method: verb,
    path,
    headers: {
      ...Object.fromEntries(
        Object.entries(some).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
      ...given?.headers,
    },
    body: given?.body,
  }));
}

/** Requests to any of the targets, good and bad ones. */
export function requests(targets: readonly FuzzTarget[]): fc.Arbitrary<FuzzRequest> {
  return fc.constantFrom(...targets).chain(requestsTo);
}
