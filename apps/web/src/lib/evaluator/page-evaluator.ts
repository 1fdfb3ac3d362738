import type { Contract } from "@sepal/schema/define-contract";
import { contractClient, type Prediction } from "../contract-client.ts";
import { credentialHeaders } from "../credentials.ts";
import type { Target } from "../predictor.ts";
import type { Row } from "../row.ts";
import { trpc } from "../trpc.ts";

/** A version of a model that the server may publish. */
export interface PublishedModel {
  readonly name: string;
  readonly version: string;
}

/** Rows to predict, as the worker gets them. */
export interface EvaluatorQuestion {
  readonly id: number;
  readonly contract: Contract;
  readonly model: PublishedModel;
  readonly headers: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

/** The predictions of a question, in its order; `undefined` where its model is not evaluated here. */
export interface EvaluatorAnswer {
  readonly id: number;
  readonly predictions: readonly Prediction[] | undefined;
}

type Predictions = Prediction[] | undefined;

const waiting = new Map<number, (predictions: Predictions) => void>();
/** Absent until the first question, and `null` where it cannot run. */
let worker: Worker | null | undefined;
let questions = 0;

/** Started by the first question, from an effect: after the page's first paint. */
function start(): Worker {
  const started = new Worker(new URL("./evaluator.worker.ts", import.meta.url), { type: "module" });
  started.addEventListener("message", ({ data }: MessageEvent<EvaluatorAnswer>) => {
    waiting.get(data.id)?.(data.predictions && [...data.predictions]);
    waiting.delete(data.id);
  });
  // Where a worker cannot be loaded, nothing is evaluated here.
  started.addEventListener("error", () => {
    worker = null;
    for (const resolve of waiting.values()) resolve(undefined);
    waiting.clear();
  });
  return started;
}

/** The version of each model that the server last predicted with, where none was chosen. */
const served = new Map<string, string>();

/** Models of which this page has computed predictions. */
const evaluated = new Set<string>();

/** Whether this page has computed predictions of a model. */
export function evaluatesHere({ model_name }: Target): boolean {
  return evaluated.has(model_name);
}

/** Notes which version the server predicts with. */
export function noteServed(model: string, version: string): void {
  served.set(model, version);
}

/** Predictions computed in this page with the bits of the server; `undefined` where the model is not evaluated here. */
export async function predictHere(
  contract: Contract,
  { model_name: name, model_version }: Target,
  rows: readonly Row[],
): Promise<Predictions> {
  const version = model_version ?? served.get(name);
  if (version === undefined || worker === null) return undefined;
  worker ??= start();
  questions += 1;
  const id = questions;
  const { promise, resolve } = Promise.withResolvers<Predictions>();
  waiting.set(id, resolve);
  const model = { name, version };
  const question: EvaluatorQuestion = { id, contract, model, headers: credentialHeaders(), rows };
  worker.postMessage(question);
  const predictions = await promise;
  if (predictions !== undefined) evaluated.add(name);
  return predictions;
}

/** Many rows, of one model, in their order: by this page where the model is evaluated here, else by the server. */
export async function predictRows(
  contract: Contract,
  target: Target,
  rows: readonly Row[],
  signal: AbortSignal,
): Promise<Prediction[]> {
  const here = await predictHere(contract, target, rows);
  if (here !== undefined) return here;
  const { predictBatch } = contractClient(trpc, contract);
  return (await predictBatch.mutate({ rows, ...target }, { signal })).predictions;
}
