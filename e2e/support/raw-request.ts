import { once } from "node:events";
import { request, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";

interface RawRequest {
  readonly method?: string;
  /** Sent as they are, `host` and `x-forwarded-for` included. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface RawResponse {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request with headers that `fetch` would not let through, on a connection of its own. */
export async function rawRequest(
  url: string,
  { method = "GET", headers = {}, body }: RawRequest = {},
): Promise<RawResponse> {
  const sent = request(url, { method, headers, agent: false });
  const arrived = once(sent, "response");
  sent.end(body);
  const [response] = await arrived;
  return {
    status: response.statusCode,
    headers: response.headers,
    text: await text(response),
  };
}
