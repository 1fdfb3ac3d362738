import { deflateRawSync, deflateSync, brotliCompressSync, gzipSync } from "node:zlib";
import { expect } from "vitest";
import { startApi, type ApiProcess } from "../test/support/api-process.ts";
import { sendBytes } from "../test/support/send-bytes.ts";
import { fault } from "./frame/fault.ts";
import { othersAreServed } from "./frame/others-are-served.ts";
import { mostResident, resident } from "../test/support/process-resources.ts";
import { sized } from "../test/support/sized.ts";
import { startChanged } from "./frame/start-changed.ts";

const JSON_TYPE = "application/json";

/** Every route that takes a body, with the type it takes. */
const ROUTES = {
  "/predict": JSON_TYPE,
  "/predict-batch": JSON_TYPE,
  "/explain": JSON_TYPE,
  "/v1/predict": JSON_TYPE,
  "/trpc/predict": JSON_TYPE,
  "/trpc/predictBatch": JSON_TYPE,
  "/trpc/predictStream": JSON_TYPE,
  "/trpc/predict,predict?batch=1": JSON_TYPE,
  "/v2/models/iris-forest/infer": "application/octet-stream",
  "/predict-file": "text/csv",
  "/jobs": "application/x-ndjson",
};

/** Statuses in place of 413: of a CSV file 2 MiB of blanks are a header that is too long already. */
const ELSE: Readonly<Record<string, number>> = { "/predict-file": 422 };

/** Encodings of which the server knows those with a 413: more than it takes comes out of few bytes. */
function bombs(bytes: number): [encoding: string, body: Buffer, status: number][] {
  const text = Buffer.alloc(bytes, " ");
  const gzip = gzipSync(text);
  return [
    ["gzip", gzip, 413],
    ["x-gzip", gzip, 413],
    ["deflate", deflateSync(text), 413],
    ["deflate", deflateRawSync(text), 413],
    ["br", brotliCompressSync(text), 415],
    ["gzip, gzip", gzipSync(gzip), 415],
  ];
}

const variables = { MAX_FILE_BYTES: String(20 * 2 ** 20) };

/** What comes out of a bomb, in MiB. */
const INFLATED = sized(1024, 32);

/** Memory that all of them may add, in MiB: up to 16 at once for each of nine routes, and garbage. */
const MEMORY = 500;

async function check(api: ApiProcess): Promise<void> {
  await othersAreServed(api);
  const before = resident(api);
  for (const [encoding, body, status] of bombs(INFLATED * 2 ** 20)) {
    const replies = await Promise.all(
      Object.entries(ROUTES).map(async ([route, type]) => {
        const headers = {
          "content-type": type,
          "content-encoding": encoding,
          "content-length": String(body.length),
        };
        const reply = await sendBytes(api.url + route, body, headers);
        return [encoding, route, reply.status];
      }),
    );
    const wanted = (route: string) => (status === 413 ? (ELSE[route] ?? status) : status);
    const wrong = replies.filter(([, route, got]) => got !== wanted(String(route)));
    expect(wrong.join(" "), "answered otherwise").toBe("");
    await othersAreServed(api, 5);
  }
  expect(mostResident(api) - before, "MiB more").toBeLessThan(MEMORY);
}

fault("Decompression bombs", {
  promise:
    "What inflates past the limit of its route is rejected before it is inflated whole, other encodings are 415; memory is bounded.",
  arrange: () => startApi({ variables }),
  check,
  twin: {
    lacks: "a bound of what is inflated",
    arrange: () =>
      startChanged({
        variables,
        changes: [{ file: "src/http/body.ts", text: "if (length > limit)", by: "if (false)" }],
      }),
    fails: /answered otherwise: expected 'gzip,/,
  },
});
