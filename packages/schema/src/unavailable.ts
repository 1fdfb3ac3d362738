import { SepalError } from "./sepal-error.ts";

interface UnavailableOptions {
  /** Distinguishes such failures, such as `queue_full`. */
  readonly reason?: string;
  /** After how many whole seconds the caller may try again. */
  readonly retryS?: number;
  readonly cause?: unknown;
}

/** A refusal that passes: `unavailable`, with `retry-after` of a second where nothing else is known. */
export function unavailable(
  message: string,
  { retryS = 1, ...options }: UnavailableOptions = {},
): SepalError {
  return new SepalError("unavailable", message, {
    ...options,
    headers: { "retry-after": String(retryS) },
  });
}
