import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CSV, NDJSON } from "../support/csv-file.ts";
import { endedJob } from "../support/job-helpers.ts";
import { post, send } from "../support/json-request.ts";
import { oip, withTail } from "../support/oip-request.ts";
import { sized } from "../support/sized.ts";
import type { ServedRepository } from "../support/served-repository.ts";
import { serveTexts, WORDS } from "./text-models.ts";

// Every protocol gives one prediction for a text, whatever it holds, or refuses it for the same reason.

let server: ServedRepository;
let url: string;
beforeAll(async () => {
  server = await serveTexts();
  ({ url } = server.api);
});
afterAll(() => server[Symbol.asyncDispose]());

/** A character of each block of scripts, signs and emoji, and characters that programs stumble over. */
const CHARACTERS = [
  ...Array.from("aZ0_é\u0301ßİıЖдאبनไ中日한ꀀ𐍈𝒜😀"),
  "👩\u200D🚀",
  "🇩🇪",
  "\0",
  "\u0001",
  "\u007F",
  "\u0085",
  "\u00A0",
  "\u200B",
  "\u202E",
  "\u2028",
  "\uFEFF",
  "\uFFFD",
  "\uFFFF",
  "\u{10FFFF}",
  '"',
  "'",
  ",",
  ";",
  "\t",
  "\\",
  "</script>",
  "=1+1",
  "%00",
];

function* generated(count: number): Generator<string> {
  for (let index = 0; index < count; index += 1) {
    const parts = Array.from({ length: 1 + (index % 9) }, (_, at) => {
      const step = index * 31 + at * 17;
      return step % 3 === 0 ? WORDS[step % WORDS.length] : CHARACTERS[step % CHARACTERS.length];
    });
    // Blanks alone are no text.
    yield `${parts.join(index % 2 === 0 ? " " : "")}${index % 5 === 0 ? "" : "."}`;
  }
}

const TEXTS = [
  ...CHARACTERS.filter((text) => text.trim() !== ""),
  " great film ",
  "x".repeat(10_000),
  "😀".repeat(10_000),
  ...[...generated(sized(1000, 200))].filter((text) => text.trim() !== ""),
];

interface Prediction {
  readonly label?: string;
  readonly proba?: readonly number[];
  readonly embedding?: readonly number[];
}

const numbers = ({ proba, embedding }: Prediction) => embedding ?? proba ?? [];

function csvOf(texts: readonly string[]): string {
  const cells = texts.map((text) => `"${text.replaceAll('"', '""')}"`);
  return `review\n${cells.join("\n")}\n`;
}

/** BYTES of the binary tensor extension. */
function bytesOf(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}

const input = (texts: readonly string[]) => ({
  name: "review",
  shape: [texts.length],
  datatype: "BYTES",
});

/** The predictions of every protocol, by its name. */
async function everywhere(contract: string, texts: readonly string[]) {
  const model = contract.replaceAll("_", "-");
  const lists = texts.map((text) => [text]);
  const rows = texts.map((review) => ({ review }));
  const found = new Map<string, readonly (readonly number[])[]>();
  const rest = await post(`${url}/${contract}/predict-batch`, { rows });
  expect(rest.status, rest.text.slice(0, 300)).toBe(200);
  found.set("REST", rest.body.predictions.map(numbers));
  const trpc = await post(`${url}/trpc/${contract}.predictBatch`, { rows: lists });
  found.set("tRPC", trpc.body.result.data.predictions.map(numbers));
  const events = await post(
    `${url}/${contract}/predict-batch`,
    { rows: lists },
    { accept: "text/event-stream" },
  );
  const data = events.text.split("\n").filter((line) => line.startsWith('data: {"offset"'));
  found.set(
    "events",
    data.flatMap((line) => JSON.parse(line.slice(6)).predictions.map(numbers)),
  );
  const width = found.get("REST")?.[0]?.length ?? 0;
  const ofTensors = (outputs: { name: string; data: number[] }[]) => {
    const flat = outputs.find(({ name }) => name !== "class")?.data ?? [];
    return texts.map((_, row) => flat.slice(row * width, (row + 1) * width));
  };
  const infer = `${url}/v2/models/${model}/infer`;
  const json = await oip(infer, { inputs: [{ ...input(texts), data: texts }] });
  found.set("OIP", ofTensors(json.json.outputs));
  const tail = bytesOf(texts);
  const parameters = { binary_data_size: tail.length };
  const { body, headers } = withTail({ inputs: [{ ...input(texts), parameters }] }, tail);
  found.set("OIP binary", ofTensors((await oip(infer, body, headers)).json.outputs));
  const lines = texts.map((review) => JSON.stringify({ review })).join("\n");
  const ndjson = await post(`${url}/${contract}/predict-file`, lines, NDJSON);
  const results = ndjson.text.trimEnd().split("\n");
  found.set(
    "NDJSON",
    results.map((line) => {
      const { error, embedding, ...result } = JSON.parse(line);
      expect(error).toBeNull();
      return (
        embedding ??
        Object.keys(result).flatMap((key) => (key.startsWith("proba_") ? [result[key]] : []))
      );
    }),
  );
  return found;
}

describe.each(["texts", "text_vectors"])("%s", (contract) => {
  test("predicts a text the same over every protocol", async () => {
    const found = await everywhere(contract, TEXTS);
    const rest = found.get("REST") ?? [];
    expect(rest).toHaveLength(TEXTS.length);
    for (const [protocol, predictions] of found) {
      for (const [row, prediction] of predictions.entries()) {
        expect(prediction, `${protocol}: ${TEXTS[row]}`).toEqual(rest[row]);
      }
      expect(predictions).toHaveLength(TEXTS.length);
    }
    // Words that the model knows count, in whatever they stand.
    expect(new Set(rest.map((row) => row.join())).size).toBeGreaterThan(20);
  });

  test("scores a job as a file, and MLflow's requests as a batch", async () => {
    const texts = TEXTS.slice(0, 50);
    const lines = texts.map((review) => JSON.stringify({ review })).join("\n");
    const file = await post(`${url}/${contract}/predict-file`, lines, NDJSON);
    const { body: job } = await post(`${url}/${contract}/jobs`, lines, NDJSON);
    await endedJob(url, job.job_id);
    expect((await send(`${url}/jobs/${job.job_id}/result`)).text).toBe(file.text);
    const rows = texts.map((text) => [text]);
    const batch = await post(`${url}/${contract}/predict-batch`, { rows });
    const { body } = await post(`${url}/${contract}/invocations`, { instances: rows });
    expect(body.predictions).toEqual(batch.body.predictions);
  });

  test("reads what stands behind NUL", async () => {
    const rows = ["good\0bad", "good bad", "good"].map((text) => [text]);
    const { body } = await post(`${url}/${contract}/predict-batch`, { rows });
    const [parted, whole, first] = body.predictions.map(numbers);
    expect(parted).toEqual(whole);
    expect(parted).not.toEqual(first);
  });

  test("predicts the cells of a CSV file, and gives them back byte for byte", async () => {
    const texts = TEXTS.filter((text) => !text.includes("\0"));
    const sent = csvOf(texts);
    const { status, text } = await post(`${url}/${contract}/predict-file`, sent, CSV);
    expect(status, text.slice(0, 300)).toBe(200);
    const { body } = await post(`${url}/${contract}/predict-batch`, {
      rows: texts.map((t) => [t]),
    });
    const expected = body.predictions.map((prediction: Prediction) =>
      contract === "texts"
        ? `${prediction.proba?.join(",")},`
        : `,"[${prediction.embedding?.join(",")}]",`,
    );
    const records = csvOf(texts).split(/(?<=")\n/);
    let rest = text.slice(text.indexOf("\n") + 1);
    for (const [row, record] of [
      records[0]?.slice("review\n".length) ?? "",
      ...records.slice(1, -1),
    ].entries()) {
      expect(rest.startsWith(record), record).toBe(true);
      const end = rest.indexOf("\n", record.length);
      expect(rest.slice(0, end)).toContain(expected[row]);
      rest = rest.slice(end + 1);
    }
    expect(rest).toBe("");
  });

  test("predicts one text as a batch of them", async () => {
    for (const text of TEXTS.slice(0, 12)) {
      const single = await post(`${url}/${contract}/predict`, { features: { review: text } });
      const batch = await post(`${url}/${contract}/predict-batch`, { rows: [[text]] });
      expect(single.body).toMatchObject(batch.body.predictions[0]);
    }
  });

  test.each([
    ["", "string_too_short", "String should have at least 1 characters"],
    [" \n\u3000", "string_too_short", "String should have at least 1 characters"],
    ["x".repeat(10_001), "string_too_long", "String should have at most 10000 characters"],
    ["\uD83D", "string_unicode", "Input should be a text without unpaired surrogates"],
    ["a\uDE00", "string_unicode", "Input should be a text without unpaired surrogates"],
  ])("refuses %j over every protocol", async (text, type, msg) => {
    const features = { review: text };
    const rest = await post(`${url}/${contract}/predict`, { features });
    expect(rest.status).toBe(422);
    const [entry] = rest.body.detail;
    expect(entry).toMatchObject({ type, msg, loc: ["body", "features", "review"] });
    const trpc = await post(`${url}/trpc/${contract}.predict`, { features: [text] });
    expect(trpc.body.error.data.httpStatus).toBe(422);
    expect(trpc.body.error.data.detail[0]).toMatchObject({ type, loc: ["body", "features", 0] });
    const infer = `${url}/v2/models/${contract.replaceAll("_", "-")}/infer`;
    const { status, json } = await oip(infer, { inputs: [{ ...input([text]), data: [text] }] });
    expect([status, json.error]).toEqual([400, `input "review", row 0: ${msg}`]);
    const line = await post(`${url}/${contract}/predict-file`, JSON.stringify(features), NDJSON);
    expect(JSON.parse(line.text).error).toBe(`row 1: column review: ${msg} (${type})`);
    if (!text.isWellFormed()) return;
    const file = await post(`${url}/${contract}/predict-file`, csvOf([text]), CSV);
    expect(file.text).toContain(`row 1: column review: ${msg} (${type})`);
  });

  test("explains nothing, and says why", async () => {
    const { status, body } = await post(`${url}/${contract}/explain`, { features: ["great"] });
    expect(status).toBe(422);
    expect(body.detail[0].msg).toContain("has one feature, the text");
    const { body: card } = await send(`${url}/models/${contract.replaceAll("_", "-")}`);
    expect(card.explain.offered).toBe(false);
    expect(card.engine).toEqual({ name: "onnxruntime", reason: "it takes text" });
    expect(card.features[0]).toMatchObject({ type: "text", max_length: 10_000 });
  });
});

describe("search", () => {
  const search = (body: object) => post(`${url}/text_vectors/search`, body);

  test("finds a text of the index itself first, with its label", async () => {
    const text = "dull film, hated it and no more of it";
    const { status, body } = await search({ text, top_k: 3 });
    expect(status).toBe(200);
    expect(body.results).toHaveLength(3);
    expect(body.results[0]).toMatchObject({ text, label: "no" });
    expect(body.results[0].score).toBeCloseTo(1, 5);
    expect(body).toMatchObject({ model_used: "text-vectors", model_version: "1" });
    const scores = body.results.map(({ score }: { score: number }) => score);
    expect(scores).toEqual(scores.toSorted((a: number, b: number) => b - a));
    const trpc = await post(`${url}/trpc/text_vectors.search`, { text, top_k: 3 });
    expect(trpc.body.result.data.results).toEqual(body.results);
  });

  test("finds nothing for a text of which the model knows no word", async () => {
    expect((await search({ text: "中文" })).body.results).toEqual([]);
    expect((await search({ text: "great" })).body.results.length).toBe(10);
  });

  test.each<[object, (string | number)[]]>([
    [{ text: "great", top_k: 0 }, ["body", "top_k"]],
    [{ text: "great", top_k: 101 }, ["body", "top_k"]],
    [{ text: " " }, ["body", "text"]],
    [{}, ["body", "text"]],
    [{ text: "great", k: 1 }, ["body", "k"]],
  ])("refuses %j", async (body, loc) => {
    const reply = await search(body);
    expect([reply.status, reply.body.detail[0].loc]).toEqual([422, loc]);
  });

  test("is no route of other contracts", async () => {
    for (const contract of ["iris", "texts"]) {
      expect((await post(`${url}/${contract}/search`, { text: "great" })).status).toBe(404);
    }
  });
});
