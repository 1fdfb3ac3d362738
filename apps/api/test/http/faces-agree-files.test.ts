import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CSV, HEAD, NDJSON } from "../support/csv-file.ts";
import { openEvents, readEvents } from "../support/event-reader.ts";
import {
  BAD_NUMBERS,
  BAD_VALUES,
  csvOf,
  manyOf,
  ndjsonOf,
  someRows,
  type Row,
} from "../support/generated-rows.ts";
import { endedJob, startJob } from "../support/job-helpers.ts";
import { post, send } from "../support/json-request.ts";
import { startOneAndSeveral, PROCESSES, type OneAndSeveral } from "../support/one-and-several.ts";
import { sized } from "../support/sized.ts";
import { streamClient } from "../support/trpc-client.ts";

// Generated files and streams: row for row what a batch says, and alike from one process and from several.

const RUNS = sized(60, 15);
const FEATURES = HEAD.split(",");
const MODELS = ["iris-forest", "iris-logistic", "iris-mlp"] as const;

let servers: OneAndSeveral;
beforeAll(async () => {
  servers = await startOneAndSeveral();
});
afterAll(() => servers[Symbol.asyncDispose]());

/** What stands in a cell of a result, as text or as JSON. */
type Cell = number | string | null;

/** Asks both servers the same. */
function ofBoth<Answer>(ask: (url: string) => Promise<Answer>): Promise<[Answer, Answer]> {
  return Promise.all([ask(servers.one.url), ask(servers.several.url)]);
}

interface Entry {
  readonly type: string;
  readonly loc: readonly (number | string)[];
  readonly msg: string;
}

/** What a file says to each row, from what batches say: the answer, or the rules that the row breaks. */
async function byBatch(rows: readonly Row[], model_name: string) {
  const url = `${servers.one.url}/predict-batch`;
  const whole = await post(url, { rows, model_name });
  const broken: Entry[] = whole.status === 422 ? whole.body.detail : [];
  const texts = rows.map((_, at) =>
    broken
      .filter(({ loc }) => loc[2] === at)
      .map(({ loc, msg, type }) => `column ${FEATURES[Number(loc[3])]}: ${msg} (${type})`)
      .join("; "),
  );
  const right = rows.filter((_, at) => texts[at] === "");
  const { body } = right.length === 0 ? { body: {} } : await post(url, { rows: right, model_name });
  let next = 0;
  const answers = texts.map((text, at): Cell[] => {
    if (text !== "") return [null, null, null, null, null, null, `row ${at + 1}: ${text}`];
    const { class: predicted, label, confidence, proba } = body.predictions[next++];
    const named: Cell[] = [predicted, label, confidence];
    return named.concat(proba, null);
  });
  return { answers, bad: rows.length - right.length, version: body.model_version };
}

/** What a CSV of results says to each row; only `error` may hold a comma. */
function ofCsv(text: string): Cell[][] {
  const [head, ...lines] = text.trimEnd().split("\n");
  expect(head).toContain(`${HEAD},class,label,confidence,proba_`);
  return lines.map((line) => {
    const cells = line.split(",");
    const answer = cells.slice(4, 10).map((cell): Cell => (cell === "" ? null : cell));
    const error = cells.slice(10).join(",");
    return answer.concat(error === "" ? null : error.replaceAll(/^"|"$/g, ""));
  });
}

function ofNdjson(text: string): Cell[][] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => Object.values<Cell>(JSON.parse(line)).slice(1));
}

const asText = (rows: readonly Cell[][]) =>
  rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))));

describe.each([
  ["CSV", CSV, csvOf, BAD_NUMBERS, ofCsv, "text/csv; charset=utf-8"],
  ["NDJSON", NDJSON, ndjsonOf, BAD_VALUES, ofNdjson, "application/x-ndjson"],
] as const)("%s", (_, headers, write, bad, read, type) => {
  test(`${RUNS} files say to each row what a batch says, and to which model it was put`, async () => {
    const seen = { good: 0, bad: 0 };
    const model = fc.constantFrom(...MODELS);
    const property = fc.asyncProperty(someRows(bad), model, async (rows, name) => {
      const expected = await byBatch(rows, name);
      const path = `/predict-file?model_name=${name}`;
      const file = await post(servers.one.url + path, write(rows), headers);
      expect(file.status).toBe(200);
      expect(asText(read(file.text))).toEqual(asText(expected.answers));
      expect(file.headers.get("content-type")).toBe(type);
      expect(file.headers.get("x-model-used")).toBe(name);
      if (expected.version !== undefined) {
        expect(file.headers.get("x-model-version")).toBe(expected.version);
      }
      seen.bad += expected.bad;
      seen.good += rows.length - expected.bad;
    });
    await fc.assert(property, { numRuns: RUNS });
    expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(RUNS / 2);
  });

  test(`${RUNS} files, strict or not, come back byte-identical from one process and ${PROCESSES}`, async () => {
    const statuses = new Set<number>();
    const property = fc.asyncProperty(someRows(bad), fc.nat(3), async (rows, kind) => {
      const text = write(kind === 0 ? manyOf(rows) : rows);
      const path = `/predict-file?strict=${kind === 1}`;
      const [alone, shared] = await ofBoth((url) => post(url + path, text, headers));
      const own = /"request_id":"[^"]*"/;
      expect(shared.text.replace(own, "")).toBe(alone.text.replace(own, ""));
      expect(shared.status).toBe(alone.status);
      statuses.add(alone.status);
    });
    // Few runs may lack a strict one with a bad row.
    const rejected: [Row[], number] = [[[5.1, 3.5, 1.4, -1]], 1];
    await fc.assert(property, { numRuns: RUNS, examples: [rejected] });
    expect(statuses).toEqual(new Set([200, 422]));
  });
});

test(`a file as a job gets what it gets at once, from one process and from ${PROCESSES}`, async () => {
  const rows = fc.sample(someRows(BAD_NUMBERS), { numRuns: 5, seed: 7 }).flat();
  const csv = csvOf(manyOf(rows));
  const results = await ofBoth(async (url) => {
    const id = await startJob(url, csv);
    const { status, rows_done, rows_bad } = await endedJob(url, id);
    const { text } = await send(`${url}/jobs/${id}/result`);
    return { status, rows_done, rows_bad, text };
  });
  const { text } = await post(`${servers.one.url}/predict-file`, csv, CSV);
  const rows_bad = ofCsv(text).filter((row) => row.at(-1) !== null).length;
  expect(rows_bad).toBeGreaterThan(100);
  for (const result of results) {
    expect(result).toEqual({ status: "succeeded", rows_done: 2500, rows_bad, text });
  }
});

/** A chunk's own time aside. */
const withoutTime = (data: object) => ({ ...data, processing_time_ms: 0 });

test(`events and chunks of tRPC hold the rows of a batch, from one process and from ${PROCESSES}`, async () => {
  const property = fc.asyncProperty(
    someRows(fc.constant(1.5)),
    fc.integer({ min: 1, max: 1200 }),
    async (some, size) => {
      const rows = size > 20 ? manyOf(some) : some;
      const batch_size = Math.min(size, rows.length);
      const body = { rows, batch_size };
      const whole = (await post(`${servers.one.url}/predict-batch`, body)).body;
      const { predictions, ...end } = whole;
      const chunks = Array.from({ length: Math.ceil(rows.length / batch_size) }, (_, at) => {
        const part = predictions.slice(at * batch_size, (at + 1) * batch_size);
        const offset = at * batch_size;
        return { offset, count: part.length, total: rows.length, predictions: part };
      });
      const events = await ofBoth(async (url) =>
        readEvents(await openEvents(`${url}/predict-batch`, body)),
      );
      for (const stream of events) {
        expect(stream.map(({ event }) => event)).toEqual([...chunks.map(() => "progress"), "done"]);
        expect(stream.slice(0, -1).map(({ data }) => data)).toEqual(chunks);
        expect(withoutTime(stream.at(-1)?.data)).toEqual(withoutTime(end));
      }
      const streams = await ofBoth(async (url) => {
        const input = { rows: rows as [number, number, number, number][], batch_size };
        const seen: unknown[] = [];
        for await (const chunk of await streamClient(url).predictStream.mutate(input)) {
          seen.push(chunk);
        }
        return seen;
      });
      for (const stream of streams) expect(stream).toEqual(chunks);
    },
  );
  await fc.assert(property, { numRuns: RUNS / 3 });
});
