import { once } from "node:events";
import { request, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { gunzipSync, inflateSync } from "node:zlib";

/** A reply with its bytes as they came over the wire. */
export interface BytesReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly sent: Buffer;
  /** Without its content encoding. */
  readonly body: Buffer;
}

/** Posts bytes with exactly these headers; `fetch` would add some of its own. */
export async function sendBytes(
  url: string,
  body: Buffer,
  headers: Record<string, string>,
): Promise<BytesReply> {
  const outgoing = request(url, { method: "POST", headers });
  outgoing.end(body);
  const [response]: IncomingMessage[] = await once(outgoing, "response");
  if (response === undefined) throw new Error("no response");
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  const sent = Buffer.concat(parts);
  const encoding = response.headers["content-encoding"];
  const inflate = { gzip: gunzipSync, deflate: inflateSync }[encoding ?? ""];
  const { statusCode: status = 0 } = response;
  return { status, headers: response.headers, sent, body: inflate?.(sent) ?? sent };
}
