import { SepalError } from "@sepal/schema/sepal-error";

type Failure = Pick<
  SepalError,
  "code" | "message" | "validation" | "headers" | "reason" | "unquoted"
>;

/** What a worker thread answers: a result, or the failure in a form that can be cloned. */
export type AnswerMessage<Result> =
  | { readonly kind: "ready" }
  | { readonly kind: "result"; readonly result: Result }
  | { readonly kind: "failure"; readonly failure: Failure };

/** A failure without its prototype, as messages carry it. */
export function packFailure(error: unknown): Failure {
  if (error instanceof SepalError) {
    const { code, message, validation, headers, reason, unquoted } = error;
    return { code, message, validation, headers, reason, unquoted };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: "internal",
    message,
    validation: undefined,
    headers: {},
    reason: undefined,
    unquoted: undefined,
  };
}

/** The failure a message carried. */
export function unpackFailure({ code, message, ...options }: Failure): SepalError {
  return new SepalError(code, message, options);
}
