import { createClient, type ClientOptions } from "@sepal/client";

const options: ClientOptions = { url: "http://localhost:8000", apiKey: () => "key" };

/** Never called: the compiler is what tests it. */
export function aborted() {
  return createClient(options).health.query(undefined, { signal: AbortSignal.abort() });
}
