import { structureOf } from "@sepal/model/json-structure";
import { SepalError } from "@sepal/schema/sepal-error";

/** Bodies up to this many bytes cannot take much memory or time, whatever they hold. */
const SMALL_BYTES = 2 ** 20;

/** Lists and objects that every body may hold: ten times the rows of a batch, 0.5 s of parsing. */
const MOST_OPENED = 1_000_000;

/** Bytes for each of them beyond that; a row of four features has ten. */
const BYTES_EACH = 8;

/**
 * Keys of all objects that a body may hold; requests have a few for each call.
 *
 * A key that no object had before is the dearest part of JSON, up to 4 µs: a million of them take 2 to 4 s.
 */
const MOST_KEYS = 100_000;

/** Fails with `too_large` where parsing JSON would take fifty times its length in memory, or a thread for seconds. */
export function boundStructure(bytes: Uint8Array): void {
  if (bytes.length <= SMALL_BYTES) return;
  const { opened, keys } = structureOf(bytes);
  const most = Math.max(MOST_OPENED, Math.floor(bytes.length / BYTES_EACH));
  if (opened > most) throw tooMany("lists and objects", opened, most);
  if (keys > MOST_KEYS) throw tooMany("object keys", keys, MOST_KEYS);
}

function tooMany(what: string, count: number, most: number): SepalError {
  const message = `the body holds ${count} ${what}; at most ${most} are allowed`;
  return new SepalError("too_large", message);
}
