import type { Failure } from "@sepal/client/failure";

/** Whether no response came at all. */
export function isUnanswered({ kind }: Pick<Failure, "kind">): boolean {
  return kind === "unreachable" || kind === "timeout" || kind === "aborted";
}

/** Why a call failed, as a page shows it. */
export function failureText(failure: Failure): string {
  return isUnanswered(failure) ? "The inference server is not responding." : failure.message;
}
