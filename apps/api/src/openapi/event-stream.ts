import type { Contract } from "@sepal/schema/define-contract";
import type { ExampleAnswers } from "./example-answers.ts";

const DESCRIPTION = [
  "Server-sent events, where `accept` asks for them:",
  "`progress` with `offset`, `count`, `total` and `predictions` for every `batch_size` rows,",
  "then `done` with `count`, `model_used`, `model_version` and `processing_time_ms`,",
  "or `error` with the body of the error; a comment every 15 s of silence.",
].join(" ");

function events(contract: Contract, answers: ExampleAnswers): string | undefined {
  const answered = answers[contract.name];
  if (answered === undefined) return undefined;
  const { prediction, served } = answered;
  const progress = { offset: 0, count: 1, total: 1, predictions: [prediction] };
  const done = { count: 1, ...served, processing_time_ms: 0.2 };
  return `event: progress\ndata: ${JSON.stringify(progress)}\n\nevent: done\ndata: ${JSON.stringify(done)}\n\n`;
}

/** Describes the stream that a batch route answers besides JSON. */
export function addEventStream(
  operation: { responses?: Record<string, unknown> },
  contract: Contract,
  answers: ExampleAnswers,
): void {
  const response = Object(operation.responses?.["200"]);
  const example = events(contract, answers);
  response.content = {
    ...response.content,
    "text/event-stream": {
      schema: { type: "string", description: DESCRIPTION },
      ...(example !== undefined && { example }),
    },
  };
}
