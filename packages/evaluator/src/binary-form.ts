import type { EvaluatorModel } from "./evaluator-model.ts";
import { modelFrom, type Fields } from "./model-check.ts";

/** Media type of a model in binary form. */
export const MEDIA_TYPE = "application/vnd.sepal.evaluator";

/** "SEPL", in the order of the bytes. */
const MAGIC = 0x4c50_4553;

const VERSION = 1;

/** Magic, version, and bytes of the header. */
const PREFIX_BYTES = 12;

/** Arrays begin at multiples of it, which every element type allows. */
const ALIGNMENT = 8;

const KINDS = {
  uint8: Uint8Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

type Kind = keyof typeof KINDS;
type Numbers = InstanceType<(typeof KINDS)[Kind]>;

function isNumbers(value: unknown): value is Numbers {
  return Object.values(KINDS).some((kind) => value instanceof kind);
}

function kindOf(numbers: Numbers): Kind {
  if (numbers instanceof Uint8Array) return "uint8";
  if (numbers instanceof Int32Array) return "int32";
  return numbers instanceof Float32Array ? "float32" : "float64";
}

function aligned(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}

/**
 * Writes a model: magic and version, 4 bytes each, the length of the header, the header as JSON, and the arrays.
 *
 * The header is the model with `{"array": i}` in the place of each array, and `{"number": "NaN"}` where JSON has no
 * number. Everything is little-endian.
 */
export function encodeModel(model: EvaluatorModel): Uint8Array<ArrayBuffer> {
  const arrays: Numbers[] = [];
  const json = JSON.stringify(model, (_key, value: unknown) => {
    if (isNumbers(value)) {
      arrays.push(value);
      return { array: arrays.length - 1 };
    }
    const special = typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0));
    return special ? { number: Object.is(value, -0) ? "-0" : String(value) } : value;
  });
  const sizes = arrays.map((array) => [kindOf(array), array.length] as const);
  const header = new TextEncoder().encode(`{"arrays":${JSON.stringify(sizes)},"model":${json}}`);
  const first = aligned(PREFIX_BYTES + header.length);
  const size = arrays.reduce((sum, array) => sum + aligned(array.byteLength), first);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, header.length, true);
  bytes.set(header, PREFIX_BYTES);
  let start = first;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start);
    start += aligned(array.byteLength);
  }
  return bytes;
}

function malformed(what: string): Error {
  return new Error(`not a model in the evaluator's form: ${what}`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readHeader(bytes: Uint8Array): { readonly header: Fields; readonly end: number } {
  if (bytes.length < PREFIX_BYTES) throw malformed("the bytes end within its first 12");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw malformed("it does not begin with SEPL");
  const version = view.getUint32(4, true);
  if (version !== VERSION) throw malformed(`its version is ${version}; version ${VERSION} is read`);
  const end = PREFIX_BYTES + view.getUint32(8, true);
  if (end > bytes.length) throw malformed("the bytes end within its header");
  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(PREFIX_BYTES, end)),
    );
  } catch (error) {
    throw new Error("not a model in the evaluator's form: its header is not JSON", {
      cause: error,
    });
  }
  if (!isFields(header)) throw malformed("its header is not an object");
  return { header, end };
}

function readArrays(bytes: Uint8Array, header: Fields, end: number): Numbers[] {
  const { arrays } = header;
  if (!Array.isArray(arrays)) throw malformed("its header has no arrays");
  let start = aligned(end);
  const read = arrays.map((entry: unknown, index) => {
    const [name, length]: unknown[] = Array.isArray(entry) ? entry : [];
    const found = Object.entries(KINDS).find(([kind]) => kind === name)?.[1];
    if (found === undefined || typeof length !== "number" || !Number.isSafeInteger(length)) {
      throw malformed(`array ${index} has no type or length`);
    }
    const stop = start + length * found.BYTES_PER_ELEMENT;
    if (length < 0 || stop > bytes.length) throw malformed(`the bytes end within array ${index}`);
    // A copy begins at an aligned place, and does not keep the bytes alive.
    const numbers = new found(bytes.slice(start, stop).buffer);
    start = aligned(stop);
    return numbers;
  });
  if (start !== bytes.length) throw malformed("bytes follow its last array, or are missing");
  return read;
}

/**
 * Reads a model in binary form; throws where the bytes are none.
 *
 * Nothing of the bytes is believed: every place that one array names in another lies within it, children follow their node,
 * so that no tree leads back, and nothing is allocated that is larger than the bytes.
 */
export function decodeModel(bytes: Uint8Array): EvaluatorModel {
  const { header, end } = readHeader(bytes);
  const arrays = readArrays(bytes, header, end);
  try {
    return modelFrom(header["model"], arrays);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message : String(error));
  }
}
