import { expect } from "vitest";
import { startApi, type ApiProcess } from "../test/support/api-process.ts";
import { send } from "../test/support/json-request.ts";
import { fault } from "./frame/fault.ts";
import { othersAreServed } from "./frame/others-are-served.ts";
import { mostResident, resident } from "../test/support/process-resources.ts";
import { FULL, sized } from "../test/support/sized.ts";
import { startChanged } from "./frame/start-changed.ts";

const REFUSED = [400, 413, 422];

/** Longest time that such a body may take, in milliseconds. */
const PATIENCE_MS = sized(15_000, 240_000);

const ROUTES = [
  "/predict",
  "/predict-batch",
  "/explain",
  "/v1/predict",
  "/trpc/predict",
  "/trpc/predictBatch",
  "/trpc/predictStream",
  "/trpc/predict,predict?batch=1",
  "/v2/models/iris-forest/infer",
];

function bombs(depth: number): string[] {
  const lists = "[".repeat(depth) + "]".repeat(depth);
  const objects = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  return [
    lists,
    "[".repeat(depth),
    objects,
    `{"features":${lists}}`,
    `{"rows":[${lists}]}`,
    `{"0":{"features":${lists}},"1":{"features":${objects}}}`,
    `{"inputs":[{"name":"features","shape":[1,4],"datatype":"FP32","data":${lists}}]}`,
  ];
}

const DEPTHS = FULL ? [1000, 10_000, 100_000, 1_000_000] : [10_000, 200_000];

/** Memory that all of it may add, in MiB: much of it is garbage of 70 bodies of up to 6 MB. */
const MEMORY = 700;

async function check(api: ApiProcess): Promise<void> {
  await othersAreServed(api);
  const before = resident(api);
  for (const depth of DEPTHS) {
    for (const body of bombs(depth)) {
      const calls = ROUTES.map(async (route) => {
        const headers = { "content-type": "application/json", connection: "close" };
        const signal = AbortSignal.timeout(PATIENCE_MS);
        const { status } = await send(api.url + route, { method: "POST", headers, body, signal });
        return [route, depth, REFUSED.includes(status) ? "refused" : status];
      });
      const replies = await Promise.all(calls);
      expect(replies.filter((reply) => reply.at(-1) !== "refused").join(" ")).toBe("");
    }
    // A row of a file that is no prediction: the answer says so in its place.
    const headers = { "content-type": "application/x-ndjson" };
    const rows = `{"features":${bombs(depth)[0]}}\n{"features":[5.1,3.5,1.4,0.2]}\n`;
    const { status } = await send(`${api.url}/predict-file`, {
      method: "POST",
      headers,
      body: rows,
    });
    expect([200, ...REFUSED]).toContain(status);
  }
  await othersAreServed(api);
  expect(mostResident(api) - before, "MiB more").toBeLessThan(MEMORY);
  expect(api.child.exitCode).toBeNull();
}

fault("JSON nested a million deep", {
  promise:
    "Every route that takes JSON refuses it as any other wrong body, within bounded time and memory; nothing ends.",
  arrange: () => startApi(),
  check,
  twin: {
    lacks: "a bound of the input that an error repeats",
    arrange: () =>
      startChanged({
        changes: [
          {
            file: "schema/src/validation-detail.ts",
            text: "if (text.length > budget) return text;",
            by: "",
          },
        ],
      }),
    fails: /\b500\b/,
  },
});
