import { readFile } from "node:fs/promises";
import { diabetes } from "@sepal/schema/contracts/diabetes";
import { penguins } from "@sepal/schema/contracts/penguins";
import type { Contract, FeatureInput } from "@sepal/schema/define-contract";
import { asList, decodeValue } from "@sepal/schema/row-encoding";
import { beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import type { ApiProcess } from "../support/api-process.ts";
import { expectFailure, jsonPost, sendToBoth } from "../support/both-faces.ts";
import { CSV, NDJSON } from "../support/csv-file.ts";
import { schemaFaults } from "../support/documented.ts";
import { endedJob } from "../support/job-helpers.ts";
import { post, send } from "../support/json-request.ts";
import { sharedApi } from "../support/shared-api.ts";
import { singleClient, streamClient } from "../support/trpc-client.ts";

// Categories, integers and missing values; a predicted number. One server for both contracts.

let api: ApiProcess;
beforeAll(async () => {
  api = await sharedApi();
});

const CHINSTRAP = {
  island: "Dream",
  bill_length_mm: 40.9,
  bill_depth_mm: 16.6,
  flipper_length_mm: 187,
  body_mass_g: 3200,
  sex: "female",
  year: 2008,
} as const;
const IS_CHINSTRAP = { class: 1, label: "Chinstrap", proba: [0.36, 0.64, 0], confidence: 0.64 };
const PENGUINS_CSV = Object.keys(CHINSTRAP).join(",");

const PATIENT = {
  age: 59,
  sex: 2,
  bmi: 32.1,
  bp: 101,
  s1: 157,
  s2: 93.2,
  s3: 38,
  s4: 4,
  s5: 4.8598,
  s6: 87,
} as const;
const PROGRESSION = 202.93958;
const DIABETES_CSV = Object.keys(PATIENT).join(",");

type Row = Readonly<Record<string, unknown>>;

/** Element type of a value's input of its own. */
function datatypeOf(contract: Contract, name: string): string {
  const spec = contract.features.find((feature) => feature.name === name);
  if (spec?.type === "category") return "BYTES";
  return spec?.type === "integer" && spec.nullable !== true ? "INT64" : "FP32";
}

/** Rows as an inference request with one input a feature. */
function inferRequest(contract: Contract, rows: readonly Row[]) {
  return {
    inputs: contract.features.map(({ name }) => ({
      name,
      shape: [rows.length],
      datatype: datatypeOf(contract, name),
      data: rows.map((row) => row[name] ?? null),
    })),
  };
}

const infer = (model: string, body: object) => post(`${api.url}/v2/models/${model}/infer`, body);

/** Posts a file; the result's lines. */
async function scored(contract: Contract, text: string, headers: Record<string, string>) {
  const reply = await post(`${api.url}/${contract.name}/predict-file`, text, headers);
  expect(reply.status).toBe(200);
  return reply.text.trimEnd().split("\n");
}

/** Golden rows as requests have them, with the library's own predictions. */
async function golden(contract: Contract, model: string) {
  const path = new URL(`../../../../models/${model}/1/golden.json`, import.meta.url);
  const { groups } = JSON.parse(await readFile(path, "utf8"));
  const rows: FeatureInput[][] = [];
  const classes: number[] = [];
  const numbers: number[][] = [];
  for (const group of groups) {
    for (const codes of group.features as (number | null)[][]) {
      rows.push(
        contract.features.map((feature, index) => decodeValue(feature, codes[index] ?? NaN)),
      );
    }
    classes.push(...(group.class ?? []));
    numbers.push(...(group.proba ?? group.values));
  }
  return { rows, classes, numbers };
}

const asObject = ({ features }: Contract, row: readonly FeatureInput[]) =>
  Object.fromEntries(features.map(({ name }, index) => [name, row[index]]));

describe.each([
  [penguins, "penguins-forest", 344 + 2000 + 600],
  [penguins, "penguins-logistic", 344 + 2000 + 600],
  [diabetes, "diabetes-boosting", 442 + 2000 + 600],
  [diabetes, "diabetes-ridge", 442 + 2000 + 600],
])("$name", (contract, model, atLeast) => {
  test.each(["lists", "objects"])(`${model} predicts every golden row, as %s`, async (form) => {
    const { rows, classes, numbers } = await golden(contract, model);
    expect(rows.length).toBeGreaterThanOrEqual(atLeast);
    const sent = form === "lists" ? rows : rows.map((row) => asObject(contract, row));
    const path = `${api.url}/${contract.name}/predict-batch`;
    const { status, body } = await post(path, { rows: sent, model_name: model });
    expect(status).toBe(200);
    expect(body).toMatchObject({ count: rows.length, model_used: model });
    const wrong = rows.filter((_, index) => {
      const { class: found, proba, values } = body.predictions[index];
      const given: number[] = proba ?? Object.values(values);
      const near = numbers[index]?.every(
        (value, k) => Math.abs((given[k] ?? NaN) - value) <= 1e-6 * Math.max(1, Math.abs(value)),
      );
      return !near || found !== classes[index];
    });
    expect(wrong).toEqual([]);
  });
});

describe("a penguin", () => {
  const list = Object.values(CHINSTRAP);

  test.each([
    ["an object", CHINSTRAP],
    ["a list", list],
    ["an object in another order", Object.fromEntries(Object.entries(CHINSTRAP).toReversed())],
  ])("is predicted from %s", async (_, features) => {
    const { status, body } = await post(`${api.url}/penguins/predict`, { features });
    expect(status).toBe(200);
    expect(body).toMatchObject({ ...IS_CHINSTRAP, model_used: "penguins-forest" });
  });

  test("lacks values as null, as an absent key and as an empty cell, over every protocol", async () => {
    const nulls = { ...CHINSTRAP, bill_depth_mm: null, sex: null, year: null };
    const { bill_depth_mm: _, sex: __, year: ___, ...absent } = CHINSTRAP;
    const places = asList(penguins, nulls);
    const answers = await Promise.all(
      [nulls, absent, places].map((features) => post(`${api.url}/penguins/predict`, { features })),
    );
    const [first, ...others] = answers.map(({ body }) => body.proba);
    expect(first[0]).not.toBe(IS_CHINSTRAP.proba[0]);
    expect(others).toEqual([first, first]);
    const trpc = await singleClient(api.url).penguins.predict.mutate({ features: absent });
    expect(trpc.proba).toEqual(first);
    const { body } = await infer("penguins-forest", inferRequest(penguins, [nulls]));
    expect(body.outputs[1].data).toEqual(first);
    const proba = `${first.join(",")},`;
    const cells = ["Dream,40.9,,187,3200,,", "Dream,40.9,NA,187,3200,NaN,null"];
    const [, ...csv] = await scored(penguins, [PENGUINS_CSV, ...cells].join("\n"), CSV);
    expect(csv.filter((line) => line.endsWith(proba))).toHaveLength(2);
    const lines = [absent, { features: nulls }, { features: places }];
    const json = await scored(penguins, lines.map((row) => JSON.stringify(row)).join("\n"), NDJSON);
    for (const line of json) expect(JSON.parse(line)).toMatchObject({ proba_Adelie: first[0] });
  });

  test("may lack everything but its island", async () => {
    const { body } = await post(`${api.url}/penguins/predict-batch`, {
      rows: penguins.features[0].values.map((island) => ({ island })),
    });
    const labels = body.predictions.map(({ label }: { label: string }) => label);
    expect(labels).toEqual(["Gentoo", "Adelie", "Adelie"]);
  });

  test("is explained by name, and the parts add up", async () => {
    const features = { ...CHINSTRAP, sex: null };
    const { body } = await post(`${api.url}/penguins/explain`, { features });
    expect(Object.keys(body.contributions)).toEqual(penguins.features.map(({ name }) => name));
    expect(body.method).toBe("tree");
    const parts = Object.values<number[]>(body.contributions);
    for (const [k, base] of body.base.entries()) {
      const sum = parts.reduce((total, part) => total + (part[k] ?? NaN), base);
      expect(Math.abs(sum - body.proba[k])).toBeLessThan(1e-6);
    }
  });

  test("its types say which texts and which nulls it takes", async () => {
    const client = singleClient(api.url);
    type Features = Parameters<typeof client.penguins.predict.mutate>[0]["features"];
    expectTypeOf<Extract<Features, { island: unknown }>["island"]>().toEqualTypeOf<
      "Biscoe" | "Dream" | "Torgersen"
    >();
    const { label } = await client.penguins.predict.mutate({ features: { island: "Biscoe" } });
    expectTypeOf(label).toEqualTypeOf<"Adelie" | "Chinstrap" | "Gentoo">();
    expect(label).toBe("Gentoo");
  });

  test("the table that it was trained on is scored as it is", async () => {
    const path = new URL("../../../../models/datasets/penguins.csv", import.meta.url);
    const [head = "", ...lines] = await scored(penguins, await readFile(path, "utf8"), CSV);
    expect(head).toBe(
      `${PENGUINS_CSV},class,class_2,label,confidence,proba_Adelie,proba_Chinstrap,proba_Gentoo,error`,
    );
    expect(lines).toHaveLength(344);
    const right = lines.filter((line) => line.split(",")[7] === line.split(",")[9]);
    expect(right).toHaveLength(344);
  });

  test("headings may be those of other releases of the table", async () => {
    const head = "island,bill_len,Culmen Depth (mm),Flipper Length (mm),body_mass,Sex,Year";
    const [, line] = await scored(penguins, `${head}\n${list.join(",")}\n`, CSV);
    expect(line).toBe(`${list.join(",")},1,Chinstrap,0.64,0.36,0.64,0,`);
  });
});

interface Refusal {
  readonly what: string;
  readonly name: string;
  /** In JSON; `undefined` leaves the key out. */
  readonly value: unknown;
  readonly type: string;
  readonly msg: string;
  /** In CSV, where a cell can say so, with the error there where it is another. */
  readonly cell?: string;
  readonly cellError?: string;
  /** Absent where the tensor's type already rules it out. */
  readonly oip?: true;
}

const ISLANDS = "Input should be Biscoe or Dream or Torgersen";
const NUMBER = "Input should be a valid number";

const PENGUIN_REFUSALS: readonly Refusal[] = [
  {
    what: "a text that is no value",
    name: "island",
    value: "Dram",
    type: "literal_error",
    msg: ISLANDS,
    cell: "Dram",
    oip: true,
  },
  {
    what: "a value in another case",
    name: "sex",
    value: "Female",
    type: "literal_error",
    msg: "Input should be female or male",
    cell: "Female",
    oip: true,
  },
  {
    what: "the index of a value",
    name: "island",
    value: 1,
    type: "literal_error",
    msg: ISLANDS,
    cell: "1",
  },
  {
    what: "a name that every object has",
    name: "island",
    value: "constructor",
    type: "literal_error",
    msg: ISLANDS,
    cell: "constructor",
    oip: true,
  },
  { what: "null", name: "island", value: null, type: "literal_error", msg: ISLANDS },
  {
    what: "a number as text",
    name: "bill_length_mm",
    value: "40.9",
    type: "float_type",
    msg: NUMBER,
  },
  {
    what: "no number",
    name: "bill_length_mm",
    value: "long",
    type: "float_type",
    msg: NUMBER,
    cell: "long",
    cellError: "Input should be a valid number, unable to parse string as a number (float_parsing)",
  },
  {
    what: "a number on its bound",
    name: "body_mass_g",
    value: 0,
    type: "greater_than",
    msg: "Input should be greater than 0",
    cell: "0",
    oip: true,
  },
  {
    what: "a number beyond float32",
    name: "body_mass_g",
    value: 1e39,
    type: "finite_number",
    msg: "Input should be a finite number after rounding to float32",
    cell: "1e39",
  },
  {
    what: "a fraction where an integer belongs",
    name: "year",
    value: 2008.5,
    type: "int_from_float",
    msg: "Input should be a valid integer, got a number with a fractional part",
    cell: "2008.5",
    oip: true,
  },
  {
    what: "an integer beyond its bound",
    name: "year",
    value: 2010,
    type: "less_than_equal",
    msg: "Input should be less than or equal to 2009",
    cell: "2010",
    oip: true,
  },
  {
    what: "no integer",
    name: "year",
    value: true,
    type: "int_type",
    msg: "Input should be a valid integer",
  },
];

const DIABETES_REFUSALS: readonly Refusal[] = [
  { what: "null", name: "bmi", value: null, type: "float_type", msg: NUMBER },
  {
    what: "a negative number",
    name: "s3",
    value: -1,
    type: "greater_than",
    msg: "Input should be greater than 0",
    cell: "-1",
    oip: true,
  },
  {
    what: "an integer beyond its bound",
    name: "sex",
    value: 3,
    type: "less_than_equal",
    msg: "Input should be less than or equal to 2",
    cell: "3",
    oip: true,
  },
];

describe.each([
  { contract: penguins, model: "penguins-forest", row: CHINSTRAP, refusals: PENGUIN_REFUSALS },
  { contract: diabetes, model: "diabetes-boosting", row: PATIENT, refusals: DIABETES_REFUSALS },
])("$contract.name refuses", ({ contract, model, row, refusals }) => {
  const { name: prefix, features } = contract;
  const twins = { route: `/${prefix}/predict`, procedure: `${prefix}.predict` };

  test.each(refusals)(
    "$what for $name",
    async ({ name, value, type, msg, cell, cellError, oip }) => {
      const bad: Row = { ...row, [name]: value };
      const place = features.findIndex((feature) => feature.name === name);
      for (const [given, at] of [
        [bad, name],
        [Object.values(bad), place],
      ]) {
        const replies = await sendToBoth(
          api.url,
          twins,
          jsonPost(JSON.stringify({ features: given })),
        );
        expectFailure(replies, 422, "UNPROCESSABLE_CONTENT");
        const detail = [{ type, loc: ["body", "features", at], msg, input: value }];
        expect(replies.rest.body.detail).toEqual(detail);
        expect(replies.trpc.body.error.data.detail).toEqual(detail);
      }
      const batch = await post(`${api.url}/${prefix}/predict-batch`, { rows: [row, bad] });
      expect(batch.body.detail).toMatchObject([{ type, loc: ["body", "rows", 1, name], msg }]);
      const [json = ""] = await scored(contract, JSON.stringify({ features: bad }), NDJSON);
      expect(JSON.parse(json).error).toBe(`row 1: column ${name}: ${msg} (${type})`);
      if (oip) {
        const reply = await infer(model, inferRequest(contract, [row, bad]));
        expect(reply.status).toBe(400);
        expect(reply.body).toEqual({ error: `input "${name}", row 1: ${msg}` });
      }
      if (cell !== undefined) {
        const cells = Object.values({ ...row, [name]: cell }).join(",");
        const [, line] = await scored(contract, `${Object.keys(row).join(",")}\n${cells}\n`, CSV);
        expect(line).toContain(`row 1: column ${name}: ${cellError ?? `${msg} (${type})`}`);
      }
    },
  );

  test("a row that lacks what it must have", async () => {
    const [{ name }] = features;
    const { [name]: _, ...lacking }: Row = row;
    const body = JSON.stringify({ features: lacking });
    const replies = await sendToBoth(api.url, twins, jsonPost(body));
    expectFailure(replies, 422, "UNPROCESSABLE_CONTENT");
    const detail = [{ type: "missing", loc: ["body", "features", name], msg: "Field required" }];
    expect(replies.rest.body.detail).toMatchObject(detail);
    expect(replies.trpc.body.error.data.detail).toMatchObject(detail);
    const { inputs } = inferRequest(contract, [row]);
    const reply = await infer(model, { inputs: inputs.slice(1) });
    expect([reply.status, reply.body]).toEqual([400, { error: `input "${name}" is missing` }]);
    const error = `row 1: column ${name}: Field required (missing)`;
    const [json = ""] = await scored(contract, JSON.stringify({ features: lacking }), NDJSON);
    expect(JSON.parse(json).error).toBe(error);
    const [head, ...cells] = [Object.keys(row), ["", ...Object.values(row).slice(1)]];
    const [, line] = await scored(contract, `${head.join(",")}\n${cells.join("\n")}\n`, CSV);
    expect(line).toContain(error);
  });

  test("a key that is no feature, and a list of another length", async () => {
    const path = `${api.url}/${prefix}/predict`;
    const { body } = await post(path, { features: { ...row, colour: 1 } });
    const loc = ["body", "features", "colour"];
    expect(body.detail).toMatchObject([{ type: "extra_forbidden", loc, input: 1 }]);
    const values = Object.values(row);
    const short = await post(path, { features: values.slice(1) });
    expect(short.body.detail).toMatchObject([{ type: "too_short", loc: ["body", "features"] }]);
    const long = await post(path, { features: [...values, 1] });
    expect(long.body.detail).toMatchObject([{ type: "too_long", loc: ["body", "features"] }]);
  });

  test("rows of two forms", async () => {
    const path = `${api.url}/${prefix}/predict-batch`;
    const values = Object.values(row);
    const lists = await post(path, { rows: [values, row] });
    expect(lists.body.detail).toMatchObject([{ type: "list_type", loc: ["body", "rows", 1] }]);
    const objects = await post(path, { rows: [row, values] });
    expect(objects.body.detail).toMatchObject([{ type: "dict_type", loc: ["body", "rows", 1] }]);
  });
});

describe("a patient", () => {
  const list: readonly number[] = Object.values(PATIENT);
  const values = { progression: PROGRESSION };

  test("is predicted as a number over REST and tRPC, one by one and in batches", async () => {
    const served = { model_used: "diabetes-boosting", model_version: "1" };
    const single = await post(`${api.url}/diabetes/predict`, { features: PATIENT });
    const processing_time_ms = expect.any(Number);
    expect(single.body).toEqual({ values, ...served, processing_time_ms });
    const batch = await post(`${api.url}/diabetes/predict-batch`, { rows: [list, list] });
    const predictions = [{ values }, { values }];
    expect(batch.body).toEqual({ predictions, count: 2, ...served, processing_time_ms });
    const client = singleClient(api.url);
    const answer = await client.diabetes.predict.mutate({ features: PATIENT });
    expectTypeOf(answer.values.progression).toEqualTypeOf<number>();
    expect(answer.values).toEqual(values);
    const rows = [PATIENT, PATIENT];
    expect(await client.diabetes.predictBatch.mutate({ rows })).toMatchObject({ predictions });
  });

  test("is predicted in events and over a stream", async () => {
    const accept = "text/event-stream";
    const body = { rows: [PATIENT, PATIENT, PATIENT], batch_size: 2 };
    const { text } = await post(`${api.url}/diabetes/predict-batch`, body, { accept });
    expect(text.match(/"values":\{"progression":202\.93958\}/g)).toHaveLength(3);
    expect(text).toContain('event: done\ndata: {"count":3,"model_used":"diabetes-boosting"');
    const chunks = await streamClient(api.url).diabetes.predictStream.mutate(body);
    const counts: number[] = [];
    for await (const chunk of chunks) {
      if ("predictions" in chunk) counts.push(chunk.predictions.length);
    }
    expect(counts).toEqual([2, 1]);
  });

  test("is predicted from a file and by a job", async () => {
    const csv = `${DIABETES_CSV}\n${list.join(",")}\n`;
    const expected = [
      `${DIABETES_CSV},predicted_progression,error`,
      `${list.join(",")},${PROGRESSION},`,
    ];
    expect(await scored(diabetes, csv, CSV)).toEqual(expected);
    const [line = ""] = await scored(diabetes, JSON.stringify(PATIENT), NDJSON);
    expect(JSON.parse(line)).toEqual({
      ...PATIENT,
      predicted_progression: PROGRESSION,
      error: null,
    });
    const { body } = await post(`${api.url}/diabetes/jobs`, csv, CSV);
    expect((await endedJob(api.url, body.job_id)).status).toBe("succeeded");
    const job = `${api.url}/jobs/${body.job_id}`;
    expect((await send(`${job}/result`)).text.trimEnd().split("\n")).toEqual(expected);
  });

  test("is inferred from one tensor or from one input a feature, of shape [n] or [n, 1]", async () => {
    const outputs = [
      { name: "progression", datatype: "FP32", shape: [2], data: [PROGRESSION, PROGRESSION] },
    ];
    const { inputs } = inferRequest(diabetes, [PATIENT, PATIENT]);
    const columns = inputs.map((input) => ({ ...input, shape: [2, 1] }));
    const features = { name: "features", datatype: "FP32", shape: [2, 10], data: [list, list] };
    for (const given of [inputs, columns, [features]]) {
      const { status, body } = await infer("diabetes-boosting", { inputs: given });
      expect([status, body.outputs]).toEqual([200, outputs]);
    }
    const { body } = await infer("diabetes-boosting", {
      inputs: [{ ...features, shape: [1, 10], data: list.with(1, 3) }],
    });
    expect(body.error).toContain("Input should be less than or equal to 2");
  });

  test("is explained by target, and the parts add up", async () => {
    const { body } = await post(`${api.url}/diabetes/explain`, { features: PATIENT });
    expect(body).toMatchObject({ values, method: "tree" });
    expect(Object.keys(body.contributions)).toEqual(Object.keys(PATIENT));
    const parts = Object.values<{ progression: number }>(body.contributions);
    const sum = parts.reduce((total, part) => total + part.progression, body.base.progression);
    // The prediction has seven digits.
    expect(Math.abs(sum - PROGRESSION)).toBeLessThan(1e-6 * PROGRESSION);
  });
});

describe("what is said of them", () => {
  test("cards have types, missing values and measures of a regression", async () => {
    const { body: card } = await send(`${api.url}/models/penguins-logistic`);
    expect(card).toMatchObject({ contract: "penguins", task: "classification", state: "ready" });
    const [island, bill] = card.features;
    expect(island).toMatchObject({
      type: "category",
      nullable: false,
      values: ["Biscoe", "Dream", "Torgersen"],
    });
    expect(bill).toMatchObject({
      type: "number",
      unit: "mm",
      nullable: true,
      min: 32.1,
      max: 59.6,
    });
    const { body: ridge } = await send(`${api.url}/models/diabetes-ridge`);
    expect(ridge).toMatchObject({
      task: "regression",
      accuracy: null,
      targets: [{ name: "progression" }],
      metrics: { progression: { method: "10-fold cross-validation", r2: 0.490577 } },
      explain: { offered: true },
    });
    expect(ridge.classes).toBeUndefined();
  });

  test("training rows have texts and nulls, or the target", async () => {
    const { body: birds } = await send(`${api.url}/models/penguins-forest/background`);
    expect(birds.rows[3]).toEqual(["Torgersen", null, null, null, null, null, 2007]);
    expect(birds).toMatchObject({ total: 344, classes: [...penguins.classes] });
    const { body: patients } = await send(`${api.url}/models/diabetes-ridge/background`);
    expect(patients).toMatchObject({ total: 442, targets: ["progression"] });
    expect([patients.rows[0], patients.values[0]]).toEqual([Object.values(PATIENT), [151]]);
  });

  test.each([
    ["penguins", CHINSTRAP, true],
    ["penguins", { island: "Dream", sex: null }, true],
    ["penguins", { island: "Dram" }, false],
    ["penguins", { ...CHINSTRAP, sex: "other" }, false],
    ["penguins", { ...CHINSTRAP, year: 2008.5 }, false],
    ["penguins", { sex: "male" }, false],
    ["diabetes", PATIENT, true],
    ["diabetes", { ...PATIENT, bmi: null }, false],
  ])("the document of %s takes %j: %s", (contract, features, good) => {
    const place = ["requestBody", "content", "application/json", "schema"];
    const faults = schemaFaults({ features }, "paths", `/${contract}/predict`, "post", ...place);
    expect(faults.length === 0).toBe(good);
  });
});
