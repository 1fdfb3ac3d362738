import { structureOf } from "@sepal/schema/json-structure";
import { SepalError } from "@sepal/schema/sepal-error";
import { notJson } from "../errors/failures.ts";
import type { ResponseHead } from "./exchange.ts";

/** The request's body as JSON; fails with `malformed_body` where it is empty or no JSON. */
export function readJson({ body }: { readonly body?: unknown }): unknown {
  return parseJsonBytes(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
}

/** Bytes as JSON; fails with `malformed_body` where they are none or no JSON, `too_large` where they would take too much memory. */
export function parseJsonBytes(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new SepalError("malformed_body", "the body is empty");
  boundStructure(bytes);
  try {
    // A byte order mark is ignored, as Fetch and so tRPC's own adapter do.
    return JSON.parse(bytes.toString("utf8", bytes[0] === 0xef && bytes[1] === 0xbb ? 3 : 0));
  } catch (cause) {
    throw notJson(cause);
  }
}

/** A result as the JSON text that a handler returns. */
export function asJson(head: ResponseHead, result: unknown): string {
  head.header("content-type", "application/json; charset=utf-8");
  return JSON.stringify(result);
}

/** Bodies up to this many bytes cannot take much memory or time, whatever they hold. */
const SMALL_BYTES = 2 ** 20;

/** Lists and objects that every body may hold: ten times the rows of a batch, 0.5 s of parsing. */
const MOST_OPENED = 1_000_000;

/** Bytes for each of them beyond that; a row of four features has ten. */
const BYTES_EACH = 8;

/**
 * Keys that a body may hold beyond those of objects with the same keys; requests have a few for each call.
 *
 * A key that no object had before, after the same keys, is the dearest part of JSON, up to 4 µs: a million of them take 2 to 4 s.
 */
const MOST_NEW_KEYS = 100_000;

/** Fails with `too_large` where parsing JSON would take fifty times its length in memory, or a thread for seconds. */
export function boundStructure(bytes: Uint8Array): void {
  if (bytes.length <= SMALL_BYTES) return;
  const { opened, newKeys } = structureOf(bytes);
  const most = Math.max(MOST_OPENED, Math.floor(bytes.length / BYTES_EACH));
  if (opened > most) throw tooMany("lists and objects", opened, most);
  if (newKeys > MOST_NEW_KEYS) throw tooMany("different object keys", newKeys, MOST_NEW_KEYS);
}

function tooMany(what: string, count: number, most: number): SepalError {
  const message = `the body holds ${count} ${what}; at most ${most} are allowed`;
  return new SepalError("too_large", message);
}

/** The media type of a `content-type` header without its parameters, in lower case; empty where there is none. */
export function mediaType(header: string | undefined): string {
  // As nearly every request has it.
  if (header === "application/json") return header;
  return (header?.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/** Whether a media type is JSON: `application/json`, or any with the suffix `+json` (RFC 6839). */
export function isJson(type: string): boolean {
  return type === "application/json" || type.endsWith("+json");
}
