import { decodeModel, MEDIA_TYPE } from "@sepal/evaluator/binary-form";
import { createEvaluator, type Evaluator } from "@sepal/evaluator/evaluate";
import { predictionReader } from "@sepal/schema/prediction-reader";
import { numberEncoder } from "@sepal/schema/row-encoding";
import type { EvaluatorAnswer, EvaluatorQuestion, PublishedModel } from "./page-evaluator.ts";
import { PATH_PREFIX } from "../path-prefix.ts";

// A worker: models that the server publishes, evaluated beside the page's main thread.

const models = new Map<string, Promise<Evaluator | undefined>>();

/** Longest wait for a model, in milliseconds; meanwhile predictions are the server's. */
const PATIENCE_MS = 10_000;

/** Fetches a model; `undefined` where the server does not publish it, or does not evaluate it itself. */
async function open(
  { name, version }: PublishedModel,
  headers: Readonly<Record<string, string>>,
): Promise<Evaluator | undefined> {
  const [model, of] = [name, version].map(encodeURIComponent);
  const response = await fetch(`${PATH_PREFIX}/api/models/${model}/versions/${of}/evaluator`, {
    headers: { ...headers, accept: MEDIA_TYPE },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!response.ok) await response.body?.cancel();
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`the evaluator's form is ${response.status}`);
  return createEvaluator(decodeModel(new Uint8Array(await response.arrayBuffer())));
}

/** After a failure a model is fetched again, but not before this time has passed, in milliseconds. */
const RETRY_MS = 30_000;

/** A model, fetched once for each key of the reader. */
function evaluatorOf({ model, headers }: EvaluatorQuestion): Promise<Evaluator | undefined> {
  const key = JSON.stringify([model, headers]);
  const known = models.get(key);
  if (known !== undefined) return known;
  const opening = open(model, headers).catch(() => {
    setTimeout(() => models.delete(key), RETRY_MS);
    return undefined;
  });
  models.set(key, opening);
  return opening;
}

async function answer(question: EvaluatorQuestion): Promise<EvaluatorAnswer> {
  const { id, contract, rows } = question;
  const evaluator = await evaluatorOf(question);
  if (evaluator === undefined) return { id, predictions: undefined };
  const encode = numberEncoder(contract);
  const read = predictionReader(contract);
  const features = new Float32Array(rows.length * evaluator.width);
  for (const [index, row] of rows.entries()) features.set(encode(row), index * evaluator.width);
  const result = evaluator.evaluate(features, rows.length);
  return { id, predictions: rows.map((_, row) => read(result, row)) };
}

async function respond(question: EvaluatorQuestion): Promise<void> {
  try {
    self.postMessage(await answer(question));
  } catch {
    // Falls back to the server.
    self.postMessage({ id: question.id, predictions: undefined } satisfies EvaluatorAnswer);
  }
}

self.addEventListener("message", ({ data }: MessageEvent<EvaluatorQuestion>) => void respond(data));
