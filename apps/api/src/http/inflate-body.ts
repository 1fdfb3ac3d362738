import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { gunzip, inflate, inflateRaw } from "node:zlib";
import { SepalError } from "@sepal/schema/sepal-error";
import { overLimit } from "../errors/over-limit.ts";
import { asPayload, type Payload } from "./as-payload.ts";
import { collectBody } from "./collect-body.ts";

/** Content encodings that request bodies may have. */
const ACCEPTED_ENCODINGS = "gzip, deflate";

const ungzip = promisify(gunzip);
const unzlib = promisify(inflate);
const undeflate = promisify(inflateRaw);

/** Whether bytes begin as zlib's format does (RFC 1950); some clients send `deflate` without it. */
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}

function inflaterOf(encoding: string, body: Buffer) {
  switch (encoding.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return ungzip;
    case "deflate":
      return isZlib(body) ? unzlib : undeflate;
    default:
      throw new SepalError(
        "unsupported_media_type",
        "the content encoding should be gzip or deflate",
        { headers: { "accept-encoding": ACCEPTED_ENCODINGS } },
      );
  }
}

/**
 * A body without its content encoding; inflated off the event loop, and never past `limit` bytes.
 *
 * Fails with `unsupported_media_type`, `too_large`, or `malformed_body` where the bytes are not what the encoding says.
 */
async function inflateBody(body: Buffer, encoding: string, limit: number): Promise<Buffer> {
  if (/^\s*(?:identity)?\s*$/i.test(encoding)) return body;
  const inflater = inflaterOf(encoding, body);
  try {
    return await inflater(body, { maxOutputLength: limit });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    throw code === "ERR_BUFFER_TOO_LARGE"
      ? overLimit("inflated body", limit, cause)
      : new SepalError("malformed_body", `the body is not ${encoding.trim()} data`, { cause });
  }
}

const collected = promisify(collectBody);

/** A body that is still on its way, collected and inflated; neither is longer than `limit`. Fails as {@link inflateBody} does. */
export async function collectInflated(
  payload: Readable,
  encoding: string,
  limit: number,
): Promise<{ readonly body: Buffer; readonly encodedLength: number }> {
  const encoded = await collected(payload, limit);
  return { body: await inflateBody(encoded, encoding, limit), encodedLength: encoded.length };
}

/** The same as Fastify's `preParsing` hooks give it on. */
export async function inflateStream(
  payload: Readable,
  encoding: string,
  limit: number,
): Promise<Payload> {
  const { body, encodedLength } = await collectInflated(payload, encoding, limit);
  return asPayload(body, encodedLength);
}
