import type { Contract } from "@sepal/schema/define-contract";
import { ANSWER_EXAMPLES } from "./answer-examples.ts";
import type { ExampleAnswers } from "./example-answers.ts";
import { INFERENCE_EXAMPLES } from "./inference-examples.ts";

const LOGIN_ANSWER = {
  access_token: "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…",
  token_type: "bearer",
  expires_in: 3600,
};

/** The documented form of an operation, as far as examples go into it. */
interface DocumentedOperation {
  operationId?: string;
  requestBody?: unknown;
  responses?: Record<string, unknown>;
}

function mediaOf(holder: unknown): [type: string, media: object][] {
  if (typeof holder !== "object" || holder === null || !("content" in holder)) return [];
  return Object.entries<object>(Object(holder.content));
}

function setExample(holder: unknown, example: object | string): void {
  for (const [, media] of mediaOf(holder)) Object.assign(media, { example });
}

function setExamples(holder: unknown, examples: Readonly<Record<string, object | string>>): void {
  for (const [type, media] of mediaOf(holder)) Object.assign(media, { example: examples[type] });
}

/** Puts the answer of a route into its documentation; where it predicts, with the contract's first example and what a model says of it. */
export function addExamples(
  path: string,
  operation: DocumentedOperation,
  contract: Contract,
  answers: ExampleAnswers,
): void {
  const [{ features }] = contract.examples;
  const answered = answers[contract.name];
  const served = { ...answered?.served, processing_time_ms: 0.2 };
  if (path.endsWith("/explain")) {
    setExample(operation.requestBody, { features });
    if (answered?.explanation === undefined) return;
    setExample(operation.responses?.["200"], { ...answered.explanation, ...served });
  } else if (path === "/login") {
    setExample(operation.requestBody, { username: "ada", password: "correct horse battery" });
    setExample(operation.responses?.["200"], LOGIN_ANSWER);
  } else if (path.endsWith("/infer")) {
    setExamples(operation.requestBody, INFERENCE_EXAMPLES.request);
    setExamples(operation.responses?.["200"], INFERENCE_EXAMPLES.answer);
  } else if (path.endsWith("/predict-batch")) {
    setExample(operation.requestBody, { rows: [features] });
    if (answered === undefined) return;
    const answer = { predictions: [answered.prediction], count: 1, ...served };
    setExample(operation.responses?.["200"], answer);
  } else if (/\/predict(?:\/|$)/.test(path)) {
    setExample(operation.requestBody, { features });
    if (answered === undefined) return;
    setExample(operation.responses?.["200"], { ...answered.prediction, ...served });
  } else {
    const answer = ANSWER_EXAMPLES[operation.operationId ?? ""];
    if (answer !== undefined) setExample(operation.responses?.["200"], answer);
  }
}
