import type { BlockLimits, RecordBlock } from "@sepal/schema/files/record-splitter";
import { SepalError } from "@sepal/schema/sepal-error";

const [QUOTE, ESCAPE, LIST, OBJECT, END_LIST, END_OBJECT, COMMA] = Array.from('"\\[{]},', (sign) =>
  sign.charCodeAt(0),
);
const BLANKS = new Set([0x09, 0x0a, 0x0d, 0x20]);

function notAnArray(): SepalError {
  return new SepalError("malformed_body", "the file is not a JSON array: it does not end with ]");
}

/**
 * Cuts a JSON array into blocks of its elements, as lines are cut into records; what stands between them stays in the
 * blocks. `start` is where the text begins, behind a byte order mark.
 */
export function* arrayBlocks(
  bytes: Uint8Array<ArrayBuffer>,
  start: number,
  limits: BlockLimits,
): Generator<RecordBlock> {
  let depth = 0;
  let inText = false;
  /** First byte of the block, of the element, and behind its last byte that is no blank. */
  let blockStart = 0;
  let from = -1;
  let to = -1;
  let bounds: number[] = [];
  const take = (end: number): RecordBlock => {
    const block = {
      bytes: bytes.slice(blockStart, end),
      bounds: Uint32Array.from(bounds, (bound) => bound - blockStart),
      lines: 0,
    };
    blockStart = end;
    bounds = [];
    return block;
  };
  let closed = false;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (!inText && BLANKS.has(byte)) continue;
    if (closed) throw notAnArray();
    const ends = !inText && depth === 1 && (byte === COMMA || byte === END_LIST);
    if (ends) {
      if (from !== -1) bounds.push(from, to);
      from = -1;
      if (byte === END_LIST) closed = true;
      const full = bounds.length >= 2 * limits.rows || at - blockStart >= limits.bytes;
      if (full && !closed) yield take(at);
      continue;
    }
    if (depth >= 1) {
      if (from === -1) from = at;
      to = at + 1;
    }
    if (inText) {
      if (byte === ESCAPE) at += 1;
      else if (byte === QUOTE) inText = false;
      to = Math.min(at + 1, bytes.length);
    } else if (byte === QUOTE) inText = true;
    else if (byte === LIST || byte === OBJECT) depth += 1;
    else if (byte === END_LIST || byte === END_OBJECT) depth -= 1;
  }
  if (!closed) throw notAnArray();
  yield take(bytes.length);
}
