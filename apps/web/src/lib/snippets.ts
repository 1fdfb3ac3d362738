import type { ModelChoice } from "@sepal/schema/predict";
import type { RowBody } from "./row.ts";

/** Languages a call can be shown in. */
export const SNIPPET_LANGUAGES = ["client", "fetch", "curl", "python"] as const;

/** See {@link SNIPPET_LANGUAGES}. */
export type SnippetLanguage = (typeof SNIPPET_LANGUAGES)[number];

/** What a person calls each language. */
export const SNIPPET_TITLES: Record<SnippetLanguage, string> = {
  client: "TypeScript client",
  fetch: "fetch",
  curl: "curl",
  python: "Python",
};

/** One call, as every snippet makes it. */
export interface SnippetCall {
  /** The API's public address, without a slash at the end. */
  readonly apiUrl: string;
  readonly contract: string;
  /** Whether the server mounts the contract, so that its types are not in the client. */
  readonly mounted: boolean;
  readonly request: ModelChoice & { readonly features: RowBody };
}

type Writer = (call: SnippetCall & { readonly json: string; readonly url: string }) => string;

/** A text between single quotes of a POSIX shell. */
function shellQuote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A JSON value as Python writes it. */
function pythonLiteral(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(",")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${pythonLiteral(item)}`).join(",")}}`;
}

const writers: Record<SnippetLanguage, Writer> = {
  client: ({ apiUrl, contract, mounted, json }) => {
    const from = mounted
      ? `import { createClient, type AppRouter } from "@sepal/client";
import type { MountedRouter } from "./sepal.d.ts";`
      : `import { createClient } from "@sepal/client";`;
    return `${from}

const sepal = createClient${mounted ? "<AppRouter & MountedRouter>" : ""}({ url: "${apiUrl}" });
const prediction = await sepal.${contract}.predict.mutate(${json});
console.log(JSON.stringify(prediction));`;
  },
  curl: ({ url, json }) => `curl -X POST ${url} \\
  -H 'content-type: application/json' \\
  -d ${shellQuote(json)}`,
  fetch: ({ url, json }) => `const response = await fetch("${url}", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(${json}),
});
console.log(JSON.stringify(await response.json()));`,
  python: ({ url, request }) => `import json
from urllib.request import Request, urlopen

request = Request(
    "${url}",
    data=json.dumps(${pythonLiteral(request)}).encode(),
    headers={"content-type": "application/json"},
)
with urlopen(request) as response:
    print(json.dumps(json.load(response)))`,
};

/** What a language's program needs first, as shell commands; `undefined` where it needs nothing. */
export function preparation(
  language: SnippetLanguage,
  { apiUrl, mounted }: Pick<SnippetCall, "apiUrl" | "mounted">,
): string | undefined {
  if (language !== "client") return undefined;
  const lines = [
    "# in a checkout of Sepal",
    "(cd packages/client && npx -y pnpm@12 pack --pack-destination ~)",
    ...(mounted ? [`npx -y pnpm@12 types ${apiUrl} --output ~/your-project/sepal.d.ts`] : []),
    "# in your project",
    "npm install ~/sepal-client-0.1.0.tgz",
  ];
  return lines.join("\n");
}

/** A program that makes the call and prints the response as one line of JSON. */
export function snippet(language: SnippetLanguage, call: SnippetCall): string {
  const url = `${call.apiUrl}/${call.contract}/predict`;
  return writers[language]({ ...call, url, json: JSON.stringify(call.request) });
}
