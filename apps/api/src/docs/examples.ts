import type { Contract } from "@sepal/schema/define-contract";
import { ANSWER_EXAMPLES } from "./answer-examples.ts";
import type { ExampleAnswers } from "./example-answers.ts";

/** The documented form of an operation, as far as examples go into it. */
interface DocumentedOperation {
  operationId?: string;
  requestBody?: unknown;
  responses?: Record<string, unknown>;
}

function setExample(holder: unknown, example: object | string): void {
  if (typeof holder !== "object" || holder === null || !("content" in holder)) return;
  const content: Record<string, object> = Object(holder.content);
  for (const media of Object.values(content)) Object.assign(media, { example });
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
