import { once } from "node:events";
import { request, type Agent, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import type { FuzzRequest } from "./requests.ts";

/** What came back. */
export interface FuzzReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Without its content encoding. */
  readonly body: Buffer;
}

/** Longest time a reply may take, in milliseconds. */
const LIMIT_MS = 15_000;

/** Sends a request as it is; fails where the reply does not end in time. */
export async function sendFuzz(
  url: string,
  { method, path, headers, body }: FuzzRequest,
  agent: Agent,
): Promise<FuzzReply> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const length = body === undefined ? {} : { "content-length": String(body.length) };
  const outgoing = request(url, {
    method,
    path,
    headers: { ...headers, ...length },
    agent,
    signal,
  });
  outgoing.end(body);
  const [response]: IncomingMessage[] = await once(outgoing, "response");
  if (response === undefined) throw new Error("no response");
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  const bytes = Buffer.concat(parts);
  const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
    gzip: gunzipSync,
    deflate: inflateSync,
    br: brotliDecompressSync,
    zstd: zstdDecompressSync,
  };
  const inflate = decoders[response.headers["content-encoding"] ?? ""];
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: bytes.length === 0 ? bytes : (inflate?.(bytes) ?? bytes),
  };
}
