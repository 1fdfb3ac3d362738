import type { Contract } from "@sepal/schema/define-contract";
import { ANSWER_EXAMPLES } from "./answer-examples.ts";

/** The documented form of an operation, as far as examples go into it. */
interface DocumentedOperation {
  operationId?: string;
  requestBody?: unknown;
  responses?: Record<string, unknown>;
}

function row(contract: Contract) {
  const proba = contract.classes.map((_, index) => (index === 0 ? 1 : 0));
  return { class: 0, label: contract.classes[0], proba, confidence: 1 };
}

function setExample(holder: unknown, example: object | string): void {
  if (typeof holder !== "object" || holder === null || !("content" in holder)) return;
  const content: Record<string, object> = Object(holder.content);
  for (const media of Object.values(content)) Object.assign(media, { example });
}

/** Puts the answer of a route into its documentation; where it predicts, with a request of the contract. */
export function addExamples(
  path: string,
  operation: DocumentedOperation,
  contract: Contract,
): void {
  const [{ features }] = contract.examples;
  const served = { model_used: "iris-forest", model_version: "1", processing_time_ms: 0.2 };
  if (path.endsWith("/predict-batch")) {
    setExample(operation.requestBody, { rows: [features] });
    const answer = { predictions: [row(contract)], count: 1, ...served };
    setExample(operation.responses?.["200"], answer);
  } else if (/\/predict(?:\/|$)/.test(path)) {
    setExample(operation.requestBody, { features });
    setExample(operation.responses?.["200"], { ...row(contract), ...served });
  } else {
    const answer = ANSWER_EXAMPLES[operation.operationId ?? ""];
    if (answer !== undefined) setExample(operation.responses?.["200"], answer);
  }
}
