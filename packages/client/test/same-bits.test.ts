import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createClient } from "../src/index.ts";
import type { Contract } from "@sepal/schema/define-contract";
import type { PredictionOf } from "@sepal/schema/predict";
import { numbersOf as outputNumbers } from "@sepal/schema/prediction-reader";
import { createTRPCClient, httpBatchLink, httpLink } from "@trpc/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../../../apps/api/test/support/api-process.ts";
import { dataFolder, endedJob } from "../../../apps/api/test/support/job-helpers.ts";
import { float32Bytes, oip, withTail } from "../../../apps/api/test/support/oip-request.ts";
import { post } from "../../../apps/api/test/support/json-request.ts";
import { sized } from "../../../apps/api/test/support/sized.ts";

// One prediction has one set of bits: every protocol, file, job, command and evaluator gives the same numbers.

/** Rows of the training data that each model predicts, spread over all of it. */
const ROWS = sized(100, 12);

type Value = number | string | boolean | null;
type Row = readonly Value[];

let data: Awaited<ReturnType<typeof dataFolder>>;
let api: ApiProcess;
beforeAll(async () => {
  data = await dataFolder();
  api = await startApi({ variables: { DATA_DIR: data.path, PUBLISH_MODELS: "all" } });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await data[Symbol.asyncDispose]();
});

/** A model, and the rows that it predicts. */
interface Subject {
  readonly model: string;
  readonly contract: string;
  readonly features: readonly string[];
  readonly rows: readonly Row[];
}

/** The class of a prediction, if it has one, and its probabilities, targets or vector. */
function numbersOf(prediction: PredictionOf<Contract>): number[] {
  const index = "class" in prediction ? [prediction.class] : [];
  return [...index, ...outputNumbers(prediction)];
}

const record = ({ features }: Subject, row: Row) =>
  Object.fromEntries(features.map((name, index) => [name, row[index] ?? null]));

async function byRest(subject: Subject): Promise<number[][]> {
  const url = `${api.url}/${subject.contract}/predict`;
  const replies = subject.rows.map((row) =>
    post(url, { features: row, model_name: subject.model }),
  );
  return (await Promise.all(replies)).map(({ body }) => numbersOf(body));
}

async function byRestBatch({ contract, model, rows }: Subject): Promise<number[][]> {
  const { body } = await post(`${api.url}/${contract}/predict-batch`, { rows, model_name: model });
  return body.predictions.map(numbersOf);
}

/** By the client of tRPC and one of its links. */
async function byTrpc(subject: Subject, link: typeof httpLink | typeof httpBatchLink) {
  const { contract, model, rows } = subject;
  // oxlint-disable-next-line typescript/no-explicit-any -- the procedure depends on the contract
  const client: any = createTRPCClient({ links: [link({ url: `${api.url}/trpc` })] });
  const procedure = contract === "iris" ? client.predict : client[contract].predict;
  const calls = rows.map((features) => procedure.mutate({ features, model_name: model }));
  return (await Promise.all(calls)).map(numbersOf);
}

interface Tensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** Tensors of the Open Inference Protocol as the model's metadata has them, with the values of the rows. */
async function inputsOf({ model, features, rows }: Subject) {
  const { json } = await oip(`${api.url}/v2/models/${model}`);
  const inputs: readonly Tensor[] = json.inputs;
  return inputs.map(({ name, datatype, shape: [, width] }) => {
    const at = features.indexOf(name);
    const shape = width === undefined ? [rows.length] : [rows.length, width];
    const values = width === undefined ? rows.map((row) => row[at] ?? null) : rows.flat();
    return { name, datatype, shape, data: values };
  });
}

/** Rows of all outputs side by side. */
function rowsOf(outputs: readonly (Tensor & { readonly data: readonly number[] })[]): number[][] {
  const [rows = 0] = outputs[0]?.shape ?? [];
  return Array.from({ length: rows }, (_, row) =>
    outputs.flatMap(({ data: values, shape: [, width = 1] }) =>
      values.slice(row * width, (row + 1) * width),
    ),
  );
}

async function byOip(subject: Subject): Promise<number[][]> {
  const inputs = await inputsOf(subject);
  const { json } = await oip(`${api.url}/v2/models/${subject.model}/infer`, { inputs });
  return rowsOf(json.outputs);
}

/** Strings with their lengths before them, or numbers of the element type, little-endian. */
function tensorBytes(datatype: string, values: readonly Value[]): Buffer {
  if (datatype === "FP32") return float32Bytes(values.map((value) => Number(value ?? NaN)));
  return Buffer.concat(
    values.map((value) => {
      const text = Buffer.from(String(value ?? ""));
      const head = Buffer.alloc(datatype === "BYTES" ? 4 : 8);
      if (datatype === "BYTES") head.writeUInt32LE(text.length);
      else head.writeBigInt64LE(BigInt(Number(value)));
      return datatype === "BYTES" ? Buffer.concat([head, text]) : head;
    }),
  );
}

async function byBinaryOip(subject: Subject): Promise<number[][]> {
  const given = await inputsOf(subject);
  const tails = given.map(({ datatype, data: values }) => tensorBytes(datatype, values));
  const inputs = given.map(({ name, datatype, shape }, index) => {
    const parameters = { binary_data_size: tails[index]?.length };
    return { name, datatype, shape, parameters };
  });
  const json = { inputs, parameters: { binary_data_output: true } };
  const { body, headers } = withTail(json, Buffer.concat(tails));
  const reply = await oip(`${api.url}/v2/models/${subject.model}/infer`, body, headers);
  let from = 0;
  const outputs = reply.json.outputs.map(({ name, datatype, shape }: Tensor) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const size = datatype === "INT64" ? 8 : 4;
    const values = Array.from({ length: count }, (_, index) => {
      const at = from + index * size;
      return size === 8 ? Number(reply.tail.readBigInt64LE(at)) : reply.tail.readFloatLE(at);
    });
    from += count * size;
    return { name, datatype, shape, data: values };
  });
  return rowsOf(outputs);
}

const NDJSON = { "content-type": "application/x-ndjson" };

const fileOf = (subject: Subject) =>
  subject.rows.map((row) => `${JSON.stringify(record(subject, row))}\n`).join("");

/** What the columns of a result behind those of the file hold. */
function numbersOfFile({ features }: Subject, text: string): number[][] {
  const lines = text.trimEnd().split("\n");
  return lines.map((line) => {
    const entries = Object.entries(JSON.parse(line)).slice(features.length);
    const left = new Set(["label", "confidence", "error"]);
    // An embedding is a list.
    return entries.flatMap(([name, value]) => (left.has(name) ? [] : (value as number)));
  });
}

async function byFile(subject: Subject): Promise<number[][]> {
  const { contract, model } = subject;
  const url = `${api.url}/${contract}/predict-file?model_name=${model}`;
  const response = await fetch(url, { method: "POST", headers: NDJSON, body: fileOf(subject) });
  return numbersOfFile(subject, await response.text());
}

async function byJob(subject: Subject): Promise<number[][]> {
  const url = `${api.url}/${subject.contract}/jobs?model_name=${subject.model}`;
  const { body } = await post(url, fileOf(subject), NDJSON);
  await endedJob(api.url, body.job_id);
  const result = await fetch(`${api.url}/jobs/${body.job_id}/result`);
  return numbersOfFile(subject, await result.text());
}

const SCORE = new URL("../../score/src/main.ts", import.meta.url).pathname;

async function byCommand(subject: Subject): Promise<number[][]> {
  const args = [SCORE, "-", "-", "--format", "ndjson", "--model", subject.model];
  const scoring = promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
  scoring.child.stdin?.end(fileOf(subject));
  return numbersOfFile(subject, (await scoring).stdout);
}

/** By the client's own evaluator while the server is away; `null` for a model that it does not compute. */
async function byClientOffline(subject: Subject): Promise<number[][] | null> {
  const { contract, model, rows } = subject;
  const evaluator = `/models/${model}/versions/1/evaluator`;
  if ((await fetch(api.url + evaluator)).status === 404) return null;
  let away = false;
  const fetched: string[] = [];
  const client = createClient({
    url: api.url,
    local: "when-unavailable",
    retries: 0,
    async fetch(input, init) {
      if (away) throw new TypeError("fetch failed");
      const response = await fetch(input, init);
      fetched.push(new URL(response.url).pathname);
      return response;
    },
  });
  const procedure = contract === "iris" ? client.predict : Object(client)[contract].predict;
  const predict = (features: Row) => procedure.mutate({ features, model_name: model });
  await predict(rows[0] ?? []);
  await expect.poll(() => fetched).toContain(evaluator);
  await expect.poll(() => fetched).toContain(`/contracts/${contract}`);
  away = true;
  const predictions = await Promise.all(rows.map(predict));
  expect(predictions.map(({ computed_by }) => computed_by)).toEqual(rows.map(() => "client"));
  return predictions.map(numbersOf);
}

/** As float32, which is what the Open Inference Protocol has. */
const float32 = (rows: readonly (readonly number[])[]) => rows.map((row) => row.map(Math.fround));

test("one prediction, one set of bits", { timeout: 400_000 }, async () => {
  const { models } = await (await fetch(`${api.url}/models`)).json();
  expect(models.length).toBeGreaterThanOrEqual(10);
  const serverOnly: string[] = [];
  for (const { name: model, contract } of models) {
    const background = await (await fetch(`${api.url}/models/${model}/background`)).json();
    const step = Math.max(1, Math.floor(background.rows.length / ROWS));
    const rows = background.rows.filter((_: Row, index: number) => index % step === 0);
    const { features } = background;
    const subject: Subject = { model, contract, features, rows: rows.slice(0, ROWS) };
    const expected = await byRest(subject);
    expect(expected.flat().every(Number.isFinite), model).toBe(true);
    const ways = {
      "REST, as a batch": byRestBatch,
      "tRPC, one call a request": (of: Subject) => byTrpc(of, httpLink),
      "tRPC, calls in one request": (of: Subject) => byTrpc(of, httpBatchLink),
      "a file": byFile,
      "a job": byJob,
      "the command score": byCommand,
      "the client offline": byClientOffline,
    };
    for (const [way, predict] of Object.entries(ways)) {
      const found = await predict(subject);
      if (found === null) serverOnly.push(model);
      else expect(found, `${model}: ${way}`).toStrictEqual(expected);
    }
    for (const [way, predict] of Object.entries({ JSON: byOip, binary: byBinaryOip })) {
      const found = float32(await predict(subject));
      expect(found, `${model}: OIP, ${way}`).toStrictEqual(float32(expected));
    }
  }
  // Those that ONNX Runtime computes: the evaluator has trees alone.
  expect(serverOnly.filter((model) => /forest|boosting/.test(model))).toEqual([]);
});
