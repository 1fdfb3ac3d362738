/** What JSON holds, counted without parsing it. */
interface JsonStructure {
  /** Lists and objects. */
  readonly opened: number;
  /** Keys of all objects. */
  readonly keys: number;
}

const [QUOTE, ESCAPE, LIST, OBJECT, COLON] = Array.from('"\\[{:', (sign) => sign.charCodeAt(0));

/** Counts lists, objects and keys; of bytes that are no JSON it counts what looks like them. */
export function structureOf(bytes: Uint8Array): JsonStructure {
  let opened = 0;
  let keys = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) inText = !inText;
    else if (inText) {
      if (byte === ESCAPE) at += 1;
    } else if (byte === LIST || byte === OBJECT) opened += 1;
    else if (byte === COLON) keys += 1;
  }
  return { opened, keys };
}
