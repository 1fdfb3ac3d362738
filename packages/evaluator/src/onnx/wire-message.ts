/** How a protobuf field is encoded: the lowest three bits of its tag. */
export const WireType = { Varint: 0, Bit64: 1, LengthDelimited: 2, Bit32: 5 } as const;
export type WireType = (typeof WireType)[keyof typeof WireType];

/** One field of a protobuf message; `data` is the content of a length-delimited one, else the value as it is encoded. */
export interface WireField {
  readonly no: number;
  readonly type: WireType;
  readonly data: Uint8Array;
}

/** A message as its fields, in order: unknown fields are written back as they were read. */
export type WireMessage = readonly WireField[];

/** What the lowest three bits of a tag say; groups, which ONNX does not have, are left out. */
const TYPES = [
  WireType.Varint,
  WireType.Bit64,
  WireType.LengthDelimited,
  undefined,
  undefined,
  WireType.Bit32,
];

/** Most bytes of a tag, and of a length. */
const MAX_VARINT32 = 5;

/** Most bytes of any other whole number. */
const MAX_VARINT64 = 10;

function malformed(what: string): Error {
  return new Error(`it is not a protobuf message: ${what}`);
}

/** Position behind the varint that begins at `pos`. */
function varintEnd(bytes: Uint8Array, pos: number, end: number, most: number): number {
  for (let next = pos; next < end; next += 1) {
    if (next - pos === most)
      throw malformed(`the number at byte ${pos} is longer than ${most} bytes`);
    if ((bytes[next] ?? 0) < 0x80) return next + 1;
  }
  throw malformed(`the bytes end within the number at byte ${pos}`);
}

/** The varint of a tag or length that lies between two positions. */
function varint32(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let pos = end - 1; pos >= start; pos -= 1) value = value * 128 + ((bytes[pos] ?? 0) & 0x7f);
  if (value > 0xffffffff) throw malformed(`the number at byte ${start} is too large`);
  return value;
}

/** Called for a field; its content lies between `start` and `end`. */
type VisitField = (no: number, type: WireType, start: number, end: number) => void;

/**
 * Visits the fields of the message between two positions, without copying anything; throws where the bytes are none.
 *
 * It accepts no message that protobuf's own parsers read otherwise: overlong numbers and groups, which ONNX does not
 * have, are rejected. 10 million fields take 0.3 s.
 */
export function visitFields(bytes: Uint8Array, from: number, to: number, visit: VisitField): void {
  let pos = from;
  while (pos < to) {
    const tagEnd = varintEnd(bytes, pos, to, MAX_VARINT32);
    const tag = varint32(bytes, pos, tagEnd);
    const no = Math.floor(tag / 8);
    const type = TYPES[tag % 8];
    let start = tagEnd;
    let end: number;
    if (type === WireType.Varint) end = varintEnd(bytes, start, to, MAX_VARINT64);
    else if (type === WireType.Bit64) end = start + 8;
    else if (type === WireType.Bit32) end = start + 4;
    else if (type === WireType.LengthDelimited) {
      start = varintEnd(bytes, tagEnd, to, MAX_VARINT32);
      end = start + varint32(bytes, tagEnd, start);
    } else throw malformed(`byte ${pos} begins a field of an unknown kind`);
    if (no === 0) throw malformed(`byte ${pos} begins a field without a number`);
    if (end > to) throw malformed(`the bytes end within field ${no}, which begins at byte ${pos}`);
    visit(no, type, start, end);
    pos = end;
  }
}

/** Splits a message into its fields; throws where the bytes are none. */
export function readMessage(bytes: Uint8Array): WireMessage {
  const fields: WireField[] = [];
  visitFields(bytes, 0, bytes.length, (no, type, start, end) => {
    fields.push({ no, type, data: bytes.subarray(start, end) });
  });
  return fields;
}

/** The bytes of a whole number from 0 on, seven bits each, the lowest first. */
function varint(value: number | bigint): number[] {
  if (value < 0x80) return [Number(value)];
  const bytes: number[] = [];
  if (typeof value === "number" && value <= 0x7fffffff) {
    let rest = value;
    for (; rest >= 0x80; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
    return bytes;
  }
  let rest = BigInt(value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return bytes;
}

/** The bytes of a message. */
export function writeMessage(fields: WireMessage): Uint8Array<ArrayBuffer> {
  const heads = fields.map(({ no, type, data }) => [
    ...varint(no * 8 + type),
    ...(type === WireType.LengthDelimited ? varint(data.length) : []),
  ]);
  const size = fields.reduce(
    (sum, { data }, index) => sum + data.length + (heads[index]?.length ?? 0),
    0,
  );
  const bytes = new Uint8Array(size);
  let pos = 0;
  for (const [index, { data }] of fields.entries()) {
    const head = heads[index] ?? [];
    bytes.set(head, pos);
    bytes.set(data, pos + head.length);
    pos += head.length + data.length;
  }
  return bytes;
}

/** A field that holds bytes. */
export function bytesField(no: number, data: Uint8Array): WireField {
  return { no, type: WireType.LengthDelimited, data };
}

/** A field that holds a message. */
export function messageField(no: number, fields: WireMessage): WireField {
  return bytesField(no, writeMessage(fields));
}

/** A field that holds a text. */
export function textField(no: number, text: string): WireField {
  return bytesField(no, new TextEncoder().encode(text));
}

/** A field that holds a whole number from 0 on. */
export function integerField(no: number, value: number | bigint): WireField {
  return { no, type: WireType.Varint, data: Uint8Array.from(varint(value)) };
}

/** A field that holds a list of whole numbers from 0 on, one behind the other. */
export function packedField(no: number, values: readonly number[]): WireField {
  return bytesField(no, Uint8Array.from(values.flatMap(varint)));
}

/** Contents of every field of a number. */
export function contents(fields: WireMessage, no: number): Uint8Array[] {
  return fields.filter((field) => field.no === no).map(({ data }) => data);
}

/** Texts of every field of a number. */
export function texts(fields: WireMessage, no: number): string[] {
  return contents(fields, no).map((data) => new TextDecoder().decode(data));
}

/** The whole number of 64 bits, in two's complement, that lies between two positions. */
function wholeNumber(bytes: Uint8Array, start: number, end: number): number | bigint {
  let low = 0;
  // Up to 28 bits without BigInt: nearly all.
  if (end - start <= 4) {
    for (let pos = end - 1; pos >= start; pos -= 1) low = low * 128 + ((bytes[pos] ?? 0) & 0x7f);
    return low;
  }
  let value = 0n;
  for (let pos = end - 1; pos >= start; pos -= 1) {
    value = (value << 7n) | BigInt((bytes[pos] ?? 0) & 0x7f);
  }
  return BigInt.asIntN(64, value);
}

/** Visits the whole numbers of a field, packed or not. */
export function visitIntegers(
  bytes: Uint8Array,
  from: number,
  to: number,
  visit: (value: number | bigint) => void,
): void {
  for (let pos = from; pos < to;) {
    const end = varintEnd(bytes, pos, to, MAX_VARINT64);
    visit(wholeNumber(bytes, pos, end));
    pos = end;
  }
}

/** Whole numbers of every field of a number, packed or not. */
export function integers(fields: WireMessage, no: number): bigint[] {
  const values: bigint[] = [];
  for (const data of contents(fields, no)) {
    visitIntegers(data, 0, data.length, (value) => values.push(BigInt(value)));
  }
  return values;
}
