import { SepalError } from "@sepal/schema/sepal-error";

/** The `too_large` of what a request brought and may not be as long as it is; `limit` in bytes. */
export function overLimit(
  what: "body" | "inflated body" | "file",
  limit: number,
  cause?: unknown,
): SepalError {
  return new SepalError("too_large", `the ${what} is larger than ${limit} bytes`, { cause });
}
