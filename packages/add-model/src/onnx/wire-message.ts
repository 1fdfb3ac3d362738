import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** One field of a protobuf message; `data` is the content of a length-delimited one, else the value as it is encoded. */
export interface WireField {
  readonly no: number;
  readonly type: WireType;
  readonly data: Uint8Array;
}

/** A message as its fields, in order: what nobody asks about is written back as it was read. */
export type WireMessage = readonly WireField[];

/** Splits a message into its fields; throws where the bytes are none. */
export function readMessage(bytes: Uint8Array): WireMessage {
  const reader = new BinaryReader(bytes);
  const fields: WireField[] = [];
  while (reader.pos < reader.len) {
    const [no, type] = reader.tag();
    const data = type === WireType.LengthDelimited ? reader.bytes() : reader.skip(type, no);
    fields.push({ no, type, data });
  }
  return fields;
}

/** The bytes of a message. */
export function writeMessage(fields: WireMessage): Uint8Array {
  const writer = new BinaryWriter();
  for (const { no, type, data } of fields) {
    writer.tag(no, type);
    if (type === WireType.LengthDelimited) writer.bytes(data);
    else writer.raw(data);
  }
  return writer.finish();
}

/** A field that holds a message. */
export function messageField(no: number, fields: WireMessage): WireField {
  return { no, type: WireType.LengthDelimited, data: writeMessage(fields) };
}

/** A field that holds a text. */
export function textField(no: number, text: string): WireField {
  return { no, type: WireType.LengthDelimited, data: new TextEncoder().encode(text) };
}

/** A field that holds a whole number from 0 on. */
export function integerField(no: number, value: number): WireField {
  return { no, type: WireType.Varint, data: new BinaryWriter().uint64(value).finish() };
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
export function integers(fields: WireMessage, no: number): number[] {
  return contents(fields, no).flatMap((data) => {
    const reader = new BinaryReader(data);
    const values: number[] = [];
    while (reader.pos < reader.len) values.push(Number(reader.int64()));
    return values;
  });
}
