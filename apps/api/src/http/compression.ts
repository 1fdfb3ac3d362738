import { pipeline, Readable, type Transform } from "node:stream";
import { promisify } from "node:util";
import {
  brotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzip,
  zstdCompress,
} from "node:zlib";
import type { Exchange, ResponseHead } from "./exchange.ts";

/** Shorter content is sent as it is: a prediction fits one packet either way, and its latency counts. */
const MIN_BYTES = 8192;

/** What is text. Scored files are not among it: their pieces are freed by hand as soon as they are sent. */
const COMPRESSIBLE =
  /^(?:application\/(?:json|openapi\+json|problem\+json|javascript)|text\/(?:html|css|javascript|plain))(?: *;|$)/;

/** Longest `accept-encoding` that is read. */
const MAX_HEADER_LENGTH = 512;

const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const GZIP = { level: 1 };

interface Encoding {
  readonly whole: (text: string | Uint8Array) => Promise<Buffer>;
  readonly stream: () => Transform;
}

const zstdWhole = promisify(zstdCompress);
const brotliWhole = promisify(brotliCompress);
const gzipWhole = promisify(gzip);

/** From the cheapest on: at their lowest levels 0.6 to 1 GB of predictions a second and core, a twentieth of the bytes. */
const ENCODINGS = {
  zstd: { whole: (text) => zstdWhole(text, ZSTD), stream: () => createZstdCompress(ZSTD) },
  br: { whole: (text) => brotliWhole(text, BROTLI), stream: () => createBrotliCompress(BROTLI) },
  gzip: { whole: (text) => gzipWhole(text, GZIP), stream: () => createGzip(GZIP) },
} satisfies Record<string, Encoding>;

const NAMES = ["zstd", "br", "gzip"] as const;

/** Weights by encoding of an `accept-encoding` header (RFC 9110, 12.5.3). */
function weights(header: string): Map<string, number> {
  return new Map(
    header.split(",").map((item) => {
      const [name = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith("q="));
      const value = weight === undefined ? 1 : Number(weight.slice(2));
      return [name === "x-gzip" ? "gzip" : name, Number.isFinite(value) ? value : 0];
    }),
  );
}

/** The encoding that a client likes best, of equal ones the cheapest; `undefined` where it is none. */
function chooseEncoding(header: string | undefined): keyof typeof ENCODINGS | undefined {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return undefined;
  const given = weights(header);
  const any = given.get("*") ?? 0;
  let best: keyof typeof ENCODINGS | undefined;
  // Without a weight of its own, a client that names an encoding likes it better than none.
  let most = given.get("identity") ?? 0;
  for (const name of NAMES) {
    const weight = given.get(name) ?? any;
    if (weight > most || (best === undefined && weight > 0 && weight === most)) {
      best = name;
      most = weight;
    }
  }
  return best;
}

/** The last content of routes that are open to strangers, such as `/metrics`, who must not make the server compress it again and again. */
const shared = new Map<string, { readonly content: string; readonly bytes: Promise<Buffer> }>();

function compressShared(name: keyof typeof ENCODINGS, content: string): Promise<Buffer> {
  const last = shared.get(name);
  if (last?.content === content) return last.bytes;
  const bytes = ENCODINGS[name].whole(content);
  shared.set(name, { content, bytes });
  return bytes;
}

/** Content that a handler gives: whole, or as a stream whose length its head may say. */
type Content = string | Uint8Array | Readable;

function lengthOf(content: Content, head: ResponseHead): number {
  if (content instanceof Readable) return Number(head.getHeader("content-length") ?? Infinity);
  return typeof content === "string" ? Buffer.byteLength(content) : content.byteLength;
}

/** Whether a response may be sent compressed; which it then is depends on the client. */
function isCompressible(exchange: Exchange, content: Content, head: ResponseHead): boolean {
  const { response, call } = exchange;
  if (!call.services.settings.COMPRESSION || response.statusCode !== 200) return false;
  if (head.getHeader("content-encoding") !== undefined) return false;
  if (!COMPRESSIBLE.test(String(head.getHeader("content-type") ?? ""))) return false;
  return lengthOf(content, head) >= MIN_BYTES;
}

/**
 * The content as the client takes it, with the head that belongs to it; `undefined` where it stays as it is. An entity
 * tag becomes weak, since another encoding has other bytes.
 */
export function compress(
  exchange: Exchange,
  content: Content,
  head: ResponseHead,
): Promise<Uint8Array> | Readable | undefined {
  // Nearly every response: without a look at its head.
  if (!(content instanceof Readable) && content.length < MIN_BYTES / 4) return undefined;
  if (!isCompressible(exchange, content, head)) return undefined;
  const vary = [head.getHeader("vary") ?? []].flat().join(", ");
  // The Open Inference Protocol has compression of its own.
  if (vary.includes("accept-encoding")) return undefined;
  head.header("vary", vary === "" ? "accept-encoding" : `${vary}, accept-encoding`);
  const name = chooseEncoding(exchange.headers["accept-encoding"]);
  if (name === undefined) return undefined;
  const { whole, stream } = ENCODINGS[name];
  head.header("content-encoding", name);
  head.removeHeader("accept-ranges");
  head.removeHeader("content-length");
  const tag = head.getHeader("etag");
  if (typeof tag === "string" && !tag.startsWith("W/")) head.header("etag", `W/${tag}`);
  if (typeof content === "string" && exchange.route.rules.access === "open") {
    return compressShared(name, content);
  }
  if (!(content instanceof Readable)) return whole(content);
  // What has no body is not read either.
  if (exchange.method === "HEAD") return content;
  return pipeline(content, stream(), () => undefined);
}
