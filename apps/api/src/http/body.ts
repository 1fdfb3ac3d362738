import type { Readable } from "node:stream";
import { createGunzip, createInflate, createInflateRaw } from "node:zlib";
import { SepalError } from "@sepal/schema/sepal-error";
import { overLimit } from "../errors/failures.ts";
import type { BodyLease } from "./body-budget.ts";
import type { Exchange } from "./exchange.ts";
import { ownMemory } from "./transferable-memory.ts";

/** Step in which the reservation of a body grows that does not declare its length, in bytes. */
const STEP_BYTES = 65_536;

/** Output of one call of zlib, in bytes: its default of 16 KiB costs a large body four times the events. */
const INFLATED_CHUNK_BYTES = 65_536;

/** Whether a request has a body to receive. */
export function hasBody({ method, headers }: Pick<Exchange, "method" | "headers">): boolean {
  if (method === "GET" || method === "HEAD") return false;
  const { "content-length": length = "0" } = headers;
  return length !== "0" || headers["transfer-encoding"] !== undefined;
}

/**
 * Receives a body that the gate has let in, whole and without its content encoding, as bytes: what is parsed where is
 * the route's choice.
 */
export function receiveBody({ raw, headers, lease, route }: Exchange): Promise<Buffer> {
  const { maxBytes } = route.rules;
  const { "content-length": declared, "content-encoding": encoding } = headers;
  const length = declared === undefined ? undefined : Number(declared);
  const refuse =
    length === undefined && lease !== undefined
      ? (bytes: number) =>
          lease.raise(Math.min(Math.ceil(bytes / STEP_BYTES) * STEP_BYTES, maxBytes))
      : undefined;
  const received = new Promise<Buffer>((resolve, reject) => {
    const done = (error: Error | null, body: Buffer) =>
      error === null ? resolve(body) : reject(error);
    collectBody(raw, maxBytes, done, { length, refuse });
  });
  if (encoding === undefined || isIdentity(encoding)) return received;
  return inflate(received, encoding, maxBytes, lease);
}

/** Whether a `content-encoding` changes nothing. */
export function isIdentity(encoding: string): boolean {
  return encoding === "" || encoding.toLowerCase() === "identity";
}

/** Opens what undoes a content encoding of a body; `undefined` where it is not gzip or deflate. */
export function inflaterOf(encoding: string) {
  switch (encoding.toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return () => createGunzip({ chunkSize: INFLATED_CHUNK_BYTES });
    case "deflate":
      return (body: Uint8Array) =>
        (isZlib(body) ? createInflate : createInflateRaw)({ chunkSize: INFLATED_CHUNK_BYTES });
    default:
      return undefined;
  }
}

/** Whether bytes begin as zlib's format does (RFC 1950); some clients send `deflate` without it. */
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}

/**
 * A body without its content encoding, inflated off the event loop: never past `limit` bytes nor past what the
 * budget has room for. Fails with `too_large`, `unavailable`, or `malformed_body` where the bytes are not what the
 * encoding says.
 */
async function inflate(
  encoded: Promise<Buffer>,
  encoding: string,
  limit: number,
  lease: BodyLease | undefined,
): Promise<Buffer> {
  const body = await encoded;
  const inflater: Readable | undefined = inflaterOf(encoding)?.(body).end(body);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of inflater ?? []) {
      length += chunk.length;
      if (length > limit) throw overLimit("inflated body", limit);
      const full = lease?.raise(body.length + length);
      if (full !== undefined) throw full;
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof SepalError) throw cause;
    throw new SepalError("malformed_body", `the body is not ${encoding} data`, { cause });
  }
  return Buffer.concat(chunks, length);
}

const NOTHING = Buffer.alloc(0);

/** What is known of a body before it is there. */
interface Expected {
  /** Its `content-length`, to which Node's parser holds it. */
  readonly length?: number | undefined;
  /** Asked at every chunk whether so many bytes are too many now. */
  readonly refuse?: ((length: number) => Error | undefined) | undefined;
}

/** Bytes of a large body that are taken in one turn of the event loop; libuv would read 2 MB, which holds it for 1.3 ms. */
const TURN_BYTES = 262_144;

/** Copies a chunk to its place and frees it by hand: left to the collector, large bodies make it run every third one. */
function move(chunk: Buffer, whole: Buffer, at: number): void {
  whole.set(chunk, at);
  ownMemory(chunk)?.transfer(0);
}

/**
 * Collects a body of up to `limit` bytes and calls back once.
 *
 * One with a known length is put together as it comes: at the end, 2 MB would hold the event loop for 9 ms.
 *
 * By hand, because what Fastify does for `parseAs` takes its listeners off and copies every body.
 */
export function collectBody(
  payload: Readable,
  limit: number,
  done: (error: Error | null, body: Buffer) => void,
  { length: expected, refuse }: Expected = {},
): void {
  const chunks: Buffer[] = [];
  const most = Math.min(limit, expected ?? limit);
  let whole: Buffer | undefined;
  let length = 0;
  const fail = (error: Error) => done(error, NOTHING);
  const take = (chunk: Buffer) => {
    const at = length;
    length += chunk.length;
    const refused = length > most ? overLimit("body", limit) : refuse?.(length);
    if (refused !== undefined) {
      payload.off("data", take).off("end", end).off("error", fail);
      fail(refused);
    } else if (expected === undefined || chunk.length === expected) {
      chunks.push(chunk);
    } else {
      move(chunk, (whole ??= Buffer.allocUnsafeSlow(expected)), at);
      if (Math.floor(at / TURN_BYTES) === Math.floor(length / TURN_BYTES)) return;
      payload.pause();
      setImmediate(() => payload.resume());
    }
  };
  const end = () => {
    const [only] = chunks;
    const single = only !== undefined && chunks.length === 1;
    done(null, whole?.subarray(0, length) ?? (single ? only : Buffer.concat(chunks, length)));
  };
  payload.on("data", take);
  payload.on("end", end);
  payload.on("error", fail);
}
