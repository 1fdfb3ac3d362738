import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

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

/** The bytes of a message. */
export function writeMessage(fields: WireMessage): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  for (const { no, type, data } of fields) {
    writer.tag(no, type);
    if (type === WireType.LengthDelimited) writer.bytes(data);
    else writer.raw(data);
  }
  return writer.finish();
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
  const data = new BinaryWriter().uint64(value).finish();
  return { no, type: WireType.Varint, data };
}

/** Contents of every field of a number. */
export function contents(fields: WireMessage, no: number): Uint8Array[] {
  return fields.filter((field) => field.no === no).map(({ data }) => data);
}

/** Texts of every field of a number. */
export function texts(fields: WireMessage, no: number): string[] {
  return contents(fields, no).map((data) => new TextDecoder().decode(data));
}

/** Whole numbers of every field of a number, packed or not. */
export function integers(fields: WireMessage, no: number): bigint[] {
  return contents(fields, no).flatMap((data) => {
    const reader = new BinaryReader(data);
    const values: bigint[] = [];
    while (reader.pos < reader.len) values.push(BigInt(reader.int64()));
    return values;
  });
}
