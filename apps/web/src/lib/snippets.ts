import type { PredictRequest } from "@sepal/schema/predict";
import type { FeatureSpec } from "@sepal/schema/define-contract";

/** Languages a call can be shown in. */
export const SNIPPET_LANGUAGES = ["curl", "fetch", "trpc", "python"] as const;

/** See {@link SNIPPET_LANGUAGES}. */
export type SnippetLanguage = (typeof SNIPPET_LANGUAGES)[number];

/** What a person calls each language. */
export const SNIPPET_TITLES: Record<SnippetLanguage, string> = {
  curl: "curl",
  fetch: "fetch",
  trpc: "tRPC",
  python: "Python",
};

/** One call, as every snippet makes it. */
export interface SnippetCall {
  /** The API's public address, without a slash at the end. */
  readonly apiUrl: string;
  readonly contract: string;
  readonly request: PredictRequest<readonly FeatureSpec[]>;
}

type Writer = (call: SnippetCall & { readonly json: string; readonly url: string }) => string;

/** A text between single quotes of a POSIX shell. */
function shellQuote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const writers: Record<SnippetLanguage, Writer> = {
  curl: ({ url, json }) => `curl -X POST ${url} \\
  -H 'content-type: application/json' \\
  -d ${shellQuote(json)}`,
  fetch: ({ url, json }) => `const response = await fetch("${url}", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(${json}),
});
console.log(JSON.stringify(await response.json()));`,
  trpc: ({ apiUrl, contract, json }) => `import { createTRPCClient, httpLink } from "@trpc/client";
import type { AppRouter } from "@sepal/api/router";

const sepal = createTRPCClient<AppRouter>({
  links: [httpLink({ url: "${apiUrl}/trpc" })],
});
const answer = await sepal.${contract}.predict.mutate(${json});
console.log(JSON.stringify(answer));`,
  // A request holds texts, numbers and lists of them: its JSON is a Python literal as well.
  python: ({ url, json }) => `import json
from urllib.request import Request, urlopen

request = Request(
    "${url}",
    data=json.dumps(${json}).encode(),
    headers={"content-type": "application/json"},
)
with urlopen(request) as response:
    print(json.dumps(json.load(response)))`,
};

/** A program that makes the call and prints the answer as one line of JSON. */
export function snippet(language: SnippetLanguage, call: SnippetCall): string {
  const url = `${call.apiUrl}/${call.contract}/predict`;
  return writers[language]({ ...call, url, json: JSON.stringify(call.request) });
}
