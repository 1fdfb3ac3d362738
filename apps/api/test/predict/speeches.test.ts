import { readFile } from "node:fs/promises";
import { speeches } from "@sepal/schema/contracts/speeches";
import { speechesEmbed } from "@sepal/schema/contracts/speeches-embed";
import { beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { CSV } from "../support/csv-file.ts";
import { post, send } from "../support/json-request.ts";
import { sharedApi } from "../support/shared-api.ts";
import { singleClient } from "../support/trpc-client.ts";

// Texts: the shipped models predict as scikit-learn does, and a search finds what its cosine finds.

let api: ApiProcess;
beforeAll(async () => {
  api = await sharedApi();
});

const TOLERANCE = 1e-6;
const DIMENSIONS = 64;
const models = new URL("../../../../models/", import.meta.url);

/** Texts of a model's golden rows, with scikit-learn's own numbers. */
async function golden(model: string) {
  const { groups } = JSON.parse(await readFile(new URL(`${model}/1/golden.json`, models), "utf8"));
  const texts: string[] = [];
  const classes: number[] = [];
  const numbers: number[][] = [];
  for (const { features, class: indices = [], proba, values } of groups) {
    texts.push(...features.flat());
    classes.push(...indices);
    numbers.push(...(proba ?? values));
  }
  return { texts, classes, numbers };
}

interface Prediction {
  readonly class?: number;
  readonly proba?: readonly number[];
  readonly embedding?: readonly number[];
}

/** The largest difference of predictions from what scikit-learn says. */
function difference(predictions: readonly Prediction[], numbers: readonly (readonly number[])[]) {
  expect(predictions).toHaveLength(numbers.length);
  const differences = predictions.flatMap(({ proba, embedding }, row) => {
    const given = proba ?? embedding ?? [];
    expect(given).toHaveLength(numbers[row]?.length ?? -1);
    return given.map((value, k) => Math.abs(value - (numbers[row]?.[k] ?? Number.NaN)));
  });
  // NaN stays.
  return Math.max(...differences);
}

describe.each([
  { contract: speeches, model: "speeches-logistic" },
  { contract: speechesEmbed, model: "speeches-svd" },
])("$model predicts its golden texts", ({ contract, model }) => {
  test.each<[string, (text: string) => object]>([
    ["lists", (text: string) => [text]],
    ["objects", (text: string) => ({ text })],
  ])("over REST, as %s", async (_, row) => {
    const { texts, classes, numbers } = await golden(model);
    expect(texts.length).toBeGreaterThan(100);
    const path = `${api.url}/${contract.name}/predict-batch`;
    const { status, body } = await post(path, { rows: texts.map(row) });
    expect([status, body.model_used, body.count]).toEqual([200, model, texts.length]);
    expect(difference(body.predictions, numbers)).toBeLessThan(TOLERANCE);
    const found = body.predictions.map((each: Prediction) => each.class);
    if (classes.length > 0) expect(found).toEqual(classes);
  });

  test("over tRPC", async () => {
    const { texts, numbers } = await golden(model);
    const rows = texts.map((text) => ({ text }));
    const client = singleClient(api.url);
    const { predictions } =
      contract.name === "speeches"
        ? await client.speeches.predictBatch.mutate({ rows })
        : await client.speeches_embed.predictBatch.mutate({ rows });
    expect(difference(predictions, numbers)).toBeLessThan(TOLERANCE);
  });

  test("over the Open Inference Protocol", async () => {
    const { texts, numbers } = await golden(model);
    const inputs = [{ name: "text", shape: [texts.length], datatype: "BYTES", data: texts }];
    const { status, body } = await post(`${api.url}/v2/models/${model}/infer`, { inputs });
    expect(status).toBe(200);
    const { shape, data } = body.outputs.find(
      ({ datatype }: { datatype: string }) => datatype === "FP32",
    );
    const width = numbers[0]?.length ?? 0;
    expect(shape).toEqual([texts.length, width]);
    const rows = numbers.map((_, row) => ({ proba: data.slice(row * width, (row + 1) * width) }));
    expect(difference(rows, numbers)).toBeLessThan(TOLERANCE);
  });

  test("one by one", async () => {
    const { texts, numbers } = await golden(model);
    const path = `${api.url}/${contract.name}/predict`;
    const some = texts.slice(0, 20);
    const replies = await Promise.all(some.map((text) => post(path, { features: { text } })));
    const bodies = replies.map(({ body }) => body);
    expect(difference(bodies, numbers.slice(0, 20))).toBeLessThan(TOLERANCE);
  });
});

test("its examples are predicted as their names say", async () => {
  const rows = speeches.examples.map(({ features }) => features);
  const { body } = await post(`${api.url}/speeches/predict-batch`, { rows });
  const predicted = body.predictions.map(({ label }: { label: string }, index: number) => [
    speeches.examples[index]?.name,
    label,
  ]);
  expect(Object.fromEntries(predicted)).toMatchObject({
    "border and taxes": "Republican",
    "health care": "Democratic",
    "a Democrat taken for a Republican (Johnson, 1964)": "Republican",
  });
  expect(Math.abs(body.predictions[2].proba[0] - 0.5)).toBeLessThan(0.01);
});

test("the table that it was trained on is scored as it is", async () => {
  const text = await readFile(new URL("datasets/speeches.csv", models), "utf8");
  const reply = await post(`${api.url}/speeches/predict-file`, text, CSV);
  const [head = "", ...lines] = reply.text.trimEnd().split("\n");
  expect(head).toBe(
    "text,class,president,year,class_2,label,confidence,proba_Democratic,proba_Republican,error",
  );
  expect(lines).toHaveLength(1478);
  expect(lines.filter((line) => !line.endsWith(","))).toEqual([]);
  // Behind the text, which may hold commas: class, president, year, class_2, label and four more.
  const right = lines.filter((line) => line.split(",").at(-9) === line.split(",").at(-5));
  // It has seen these rows: 70 in 100 is what it gets of others.
  expect(right.length / lines.length).toBeGreaterThan(0.95);
});

/** The three nearest passages, by the cosine of scikit-learn's own vectors. */
const NEAREST = {
  "Sending men to the moon and exploring space": [
    ["Ronald Reagan, 1984", 0.7423582, "Our finest minds in government, industry"],
    ["Jimmy Carter, 1981", 0.6582184, "The goals of this Administration's polic"],
    ["Ronald Reagan, 1986", 0.6548961, "Astronomers build a space telescope that"],
  ],
  "The price of oil and our dependence on foreign energy": [
    ["Jimmy Carter, 1980", 0.8811848, "We must take whatever actions are necess"],
    ["Gerald R Ford, 1975", 0.8384074, "But this Nation and, in fact, the world "],
    ["George W Bush, 2001", 0.8168097, "I've asked Federal agencies to work with"],
  ],
  "Doctors, hospitals and health insurance for older people": [
    ["William J Clinton, 1994", 0.87655, "We have to practice better health habits"],
    ["George W Bush, 2004", 0.854557, "I signed this measure proudly, and any a"],
    ["George W Bush, 2001", 0.8356575, "Many working Americans do not have healt"],
  ],
} as const;

describe("a search", () => {
  test.each(Object.entries(NEAREST))("for %j finds its neighbours", async (text, expected) => {
    const { status, body } = await post(`${api.url}/speeches_embed/search`, { text, top_k: 3 });
    expect(status).toBe(200);
    expect(body).toMatchObject({ model_used: "speeches-svd", model_version: "1" });
    const found = body.results.map(({ label, text: passage }: { label: string; text: string }) => [
      label,
      passage.slice(0, 40),
    ]);
    expect(found).toEqual(expected.map(([label, , passage]) => [label, passage]));
    for (const [index, [, score]] of expected.entries()) {
      expect(Math.abs(body.results[index].score - score)).toBeLessThan(1e-5);
    }
  });

  test("for a passage finds it first, over tRPC", async () => {
    const { texts } = await golden("speeches-svd");
    const [text = ""] = texts;
    const { results } = await singleClient(api.url).speeches_embed.search.mutate({
      text,
      top_k: 1,
    });
    expect(results).toMatchObject([{ text, label: "Dwight D Eisenhower, 1961" }]);
    expect(results[0]?.score).toBeCloseTo(1, 5);
  });

  test("for words that it does not know finds nothing", async () => {
    const { status, body } = await post(`${api.url}/speeches_embed/search`, { text: "日本語 !!!" });
    expect([status, body.results]).toEqual([200, []]);
  });
});

test("its types say what a text is and gives", async () => {
  const client = singleClient(api.url);
  type Features = Parameters<typeof client.speeches.predict.mutate>[0]["features"];
  expectTypeOf<Extract<Features, { text: unknown }>["text"]>().toEqualTypeOf<string>();
  const { label } = await client.speeches.predict.mutate({ features: ["Health care"] });
  expectTypeOf(label).toEqualTypeOf<"Democratic" | "Republican">();
  const { embedding, dimensions } = await client.speeches_embed.predict.mutate({
    features: { text: "Health care" },
  });
  expectTypeOf(embedding).toEqualTypeOf<number[]>();
  expect([embedding.length, dimensions]).toEqual([DIMENSIONS, DIMENSIONS]);
});

describe("what is said of them", () => {
  test("cards have the text, and the accuracy of addresses that were not read", async () => {
    const { body: card } = await send(`${api.url}/models/speeches-logistic`);
    expect(card).toMatchObject({
      contract: "speeches",
      state: "ready",
      features: [{ name: "text", type: "text", max_length: 10_000 }],
      accuracy: { mean: 0.702666 },
      explain: { offered: false },
    });
    expect(card.accuracy.method).toContain("split by address");
    const { body: svd } = await send(`${api.url}/models/speeches-svd`);
    expect(svd).toMatchObject({ task: "embedding", dimensions: DIMENSIONS, state: "ready" });
  });

  test("health knows both", async () => {
    const { status, body } = await send(`${api.url}/health`);
    expect(status).toBe(200);
    expect(body.models).toMatchObject({ "speeches-logistic": "ready", "speeches-svd": "ready" });
  });

  test("training rows are texts with their class", async () => {
    const { body } = await send(`${api.url}/models/speeches-logistic/background`);
    expect(body).toMatchObject({ total: 1478, classes: [...speeches.classes] });
    expect(body.rows).toHaveLength(500);
    expect(body.rows[0][0]).toMatch(/^To him, every citizen/);
    expect(body.class[0]).toBe(1);
  });
});
