import { SepalError } from "@sepal/schema/sepal-error";

/** The `too_large` of what a request brought and may not be as long as it is. */
export function overLimit(what: "body" | "inflated body" | "file", cause?: unknown): SepalError {
  return new SepalError("too_large", `the ${what} is over the limit`, { cause });
}
