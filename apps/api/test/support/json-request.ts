import { expectDocumented } from "./documented.ts";

/** What a test looks at in a reply. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; `undefined` where it is none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests reach into bodies of many shapes
  readonly body: any;
}

/** Sends a request as it is, reads the reply whole and holds it against the OpenAPI document. */
export async function send(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, init);
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const { status, headers } = response;
  const { pathname: path } = new URL(url);
  const contentType = headers.get("content-type");
  expectDocumented({ method: init.method ?? "GET", path, status, contentType, body });
  return { status, headers, text, body };
}

/** Posts a value as JSON, or a text as it is. */
export function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return send(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}
