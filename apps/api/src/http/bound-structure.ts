import { SepalError } from "@sepal/schema/sepal-error";

/** Bodies up to this many bytes cannot take much memory, whatever they hold. */
const SMALL_BYTES = 2 ** 20;

/** Lists and objects that every body may hold: ten times the rows of a batch. */
const MOST = 1_000_000;

/** Bytes for each of them beyond that; a row of four features has ten. */
const BYTES_EACH = 8;

const [QUOTE, ESCAPE, LIST, OBJECT] = Buffer.from('"\\[{');

/** Fails with `too_large` where JSON has so many lists and objects that parsing it takes fifty times its length in memory. */
export function boundStructure(bytes: Uint8Array): void {
  if (bytes.length <= SMALL_BYTES) return;
  const most = Math.max(MOST, bytes.length / BYTES_EACH);
  let opened = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) inText = !inText;
    else if (inText) {
      if (byte === ESCAPE) at += 1;
    } else if (byte === LIST || byte === OBJECT) opened += 1;
  }
  if (opened > most) throw new SepalError("too_large", "the body holds too many lists and objects");
}
