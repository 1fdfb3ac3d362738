/** What JSON holds, counted without parsing it. */
interface JsonStructure {
  /** Lists and objects. */
  readonly opened: number;
  /** Keys of all objects. */
  readonly keys: number;
  /** Keys that came after other keys of their object than in the objects before: of equal rows, those of the first. */
  readonly newKeys: number;
}

const [QUOTE, ESCAPE] = ['"', "\\"].map((sign) => sign.charCodeAt(0));

const [TEXT, LIST, OBJECT, COLON] = [1, 2, 3, 4];

/** What a byte begins or ends; 0 for most, which are passed over by one look-up. */
const KINDS = new Uint8Array(256);
for (const [sign, kind] of Object.entries({ '"': TEXT, "[": LIST, "{": OBJECT, ":": COLON })) {
  KINDS[sign.charCodeAt(0)] = kind;
}

/** Places for what was seen; the keys of a wide table's row rarely meet in one. */
const PLACES = 2 ** 16;

// By a hash that nobody outside can foresee, so that no body is made whose keys look the same.
const [SEED = 1, FACTOR = 1] = crypto
  .getRandomValues(new Int32Array(2))
  .map((number) => number | 1);

/** Hashes that were seen, of earlier texts too: each call has a seed of its own, so that it does not have to be emptied. */
const seen = new Int32Array(PLACES);
let calls = 0;

const mix = (hash: number, byte: number) => {
  const mixed = Math.imul(hash ^ byte, FACTOR);
  return mixed ^ (mixed >>> 15);
};

/** Counts lists, objects and new keys; of bytes that are no JSON it counts what looks like them. */
export function structureOf(bytes: Uint8Array): JsonStructure {
  calls += 1;
  const seed = mix(SEED, calls);
  let opened = 0;
  let keys = 0;
  let newKeys = 0;
  let text = seed;
  let path = seed;
  for (let at = 0; at < bytes.length; at += 1) {
    const kind = KINDS[bytes[at] ?? 0];
    if (kind === 0) continue;
    if (kind === TEXT) {
      text = seed;
      for (at += 1; at < bytes.length; at += 1) {
        const byte = bytes[at] ?? 0;
        if (byte === QUOTE) break;
        text = mix(text, byte);
        if (byte === ESCAPE) {
          at += 1;
          text = mix(text, bytes[at] ?? 0);
        }
      }
    } else if (kind === COLON) {
      keys += 1;
      path = mix(path, text);
      const place = path & (PLACES - 1);
      if (seen[place] !== path) newKeys += 1;
      seen[place] = path;
    } else {
      opened += 1;
      if (kind === OBJECT) path = seed;
    }
  }
  return { opened, keys, newKeys };
}
