import { expectDocumented } from "./documented.ts";

/** A reply of the Open Inference Protocol. */
export interface InferReply {
  readonly status: number;
  readonly headers: Headers;
  /** Its JSON, without the bytes that follow. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests reach into bodies of many shapes
  readonly json: any;
  /** What follows the JSON. */
  readonly tail: Buffer;
}

/** A request of the rows as JSON, flat. */
export function jsonRequest(rows: readonly (readonly number[])[], more: object = {}) {
  const shape = [rows.length, rows[0]?.length ?? 0];
  return { inputs: [{ name: "features", shape, datatype: "FP32", data: rows.flat() }], ...more };
}

/** Little-endian float32 numbers. */
export function float32Bytes(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes;
}

/** A body and the headers that say how long its JSON is. */
export interface BinaryBody {
  readonly body: Buffer;
  readonly headers: Record<string, string>;
}

/** JSON with bytes after it. */
export function withTail(json: unknown, tail: Buffer): BinaryBody {
  const head = Buffer.from(JSON.stringify(json));
  return {
    body: Buffer.concat([head, tail]),
    headers: { "inference-header-content-length": String(head.length) },
  };
}

/** A request of the rows as bytes. */
export function binaryRequest(rows: readonly (readonly number[])[], more: object = {}): BinaryBody {
  const tail = float32Bytes(rows.flat());
  const shape = [rows.length, rows[0]?.length ?? 0];
  const parameters = { binary_data_size: tail.length };
  const input = { name: "features", shape, datatype: "FP32", parameters };
  return withTail({ inputs: [input], ...more }, tail);
}

/** Sends a request as it is, splits the reply and holds it against the OpenAPI document. */
export async function oip(
  url: string,
  body?: Buffer | string | object,
  headers: Record<string, string> = {},
): Promise<InferReply> {
  const plain = Buffer.isBuffer(body) || typeof body === "string";
  const method = body === undefined ? "GET" : "POST";
  const sent = body === undefined || plain ? body : JSON.stringify(body);
  const init =
    sent === undefined ? {} : { body: typeof sent === "string" ? sent : new Uint8Array(sent) };
  const response = await fetch(url, { method, headers, ...init });
  const bytes = Buffer.from(await response.arrayBuffer());
  const length = response.headers.get("inference-header-content-length");
  const end = length === null ? bytes.length : Number(length);
  const json = JSON.parse(bytes.subarray(0, end).toString());
  const contentType = response.headers.get("content-type");
  const { status } = response;
  expectDocumented({ method, path: new URL(url).pathname, status, contentType, body: json });
  return { status, headers: response.headers, json, tail: bytes.subarray(end) };
}
