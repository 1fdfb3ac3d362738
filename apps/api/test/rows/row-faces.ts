import { binaryRequest, jsonRequest } from "../support/oip-request.ts";
import type { RowAnswers } from "./row-oracle.ts";

/** A request for rows of one model, and how its reply is read. */
export interface RowRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  read(reply: {
    readonly body: Buffer;
    readonly headers: NodeJS.Dict<string | string[]>;
  }): RowAnswers;
}

type Rows = readonly (readonly number[])[];

interface Prediction {
  readonly class: number;
  readonly proba: readonly number[];
}

const JSON_TYPE = { "content-type": "application/json" };
const HEAD = "sepal_length,sepal_width,petal_length,petal_width";

function ofPredictions(predictions: readonly Prediction[]): RowAnswers {
  return {
    classes: predictions.map((each) => each.class),
    proba: predictions.flatMap(({ proba }) => proba),
  };
}

function asJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function single(
  path: string,
  of: (body: { result: { data: Prediction } } & Prediction) => Prediction,
) {
  return (model_name: string, rows: Rows): RowRequest => ({
    path,
    headers: JSON_TYPE,
    body: asJson({ features: rows[0], model_name }),
    read: ({ body }) => ofPredictions([of(JSON.parse(body.toString()))]),
  });
}

/** The ways to ask for rows; the first two take one. */
export const ROW_FACES = {
  rest: single("/predict", (body) => body),
  trpc: single("/trpc/predict", (body) => body.result.data),
  calls: (model_name: string, rows: Rows): RowRequest => ({
    path: `/trpc/${rows.map(() => "predict").join()}?batch=1`,
    headers: JSON_TYPE,
    body: asJson(Object.fromEntries(rows.map((features, at) => [at, { features, model_name }]))),
    read: ({ body }) => {
      const calls: { result: { data: Prediction } }[] = JSON.parse(body.toString());
      return ofPredictions(calls.map(({ result }) => result.data));
    },
  }),
  batch: (model_name: string, rows: Rows): RowRequest => ({
    path: "/predict-batch",
    headers: JSON_TYPE,
    body: asJson({ rows, model_name }),
    read: ({ body }) => ofPredictions(JSON.parse(body.toString()).predictions),
  }),
  infer: (model: string, rows: Rows): RowRequest => ({
    path: `/v2/models/${model}/infer`,
    headers: JSON_TYPE,
    body: asJson(jsonRequest(rows)),
    read: ({ body }) => {
      const { outputs } = JSON.parse(body.toString());
      return { classes: outputs[0].data, proba: outputs[1].data };
    },
  }),
  binary: (model: string, rows: Rows): RowRequest => ({
    path: `/v2/models/${model}/infer`,
    ...binaryRequest(rows, { parameters: { binary_data_output: true } }),
    read: ({ body, headers }) => {
      const start = Number(headers["inference-header-content-length"]);
      // A copy: the views need an aligned start.
      const tail = new Uint8Array(body.subarray(start)).buffer;
      const classes = new BigInt64Array(tail.slice(0, rows.length * 8));
      return { classes, proba: new Float32Array(tail.slice(rows.length * 8)) };
    },
  }),
  file: (_model: string, rows: Rows): RowRequest => ({
    path: "/predict-file",
    headers: { "content-type": "text/csv" },
    body: Buffer.from([HEAD, ...rows.map((row) => row.join())].join("\n")),
    read: ({ body }) => {
      const [, ...lines] = body.toString().trimEnd().split("\n");
      const cells = lines.map((line) => line.split(","));
      return {
        classes: cells.map((row) => Number(row[4])),
        proba: cells.flatMap((row) => row.slice(7, 10).map(Number)),
      };
    },
  }),
};

/** See {@link ROW_FACES}. */
export type RowFace = keyof typeof ROW_FACES;
