import { Readable } from "node:stream";

/** What Fastify's `preParsing` hooks give on: a body, and how many bytes came for it, held against `content-length`. */
export type Payload = Readable & { receivedEncodedLength: number };

/** A body that was collected, for the parsers to read; `encodedLength` is that before its content encoding was undone. */
export function asPayload(body: Buffer, encodedLength: number): Payload {
  return Object.assign(Readable.from([body]), { receivedEncodedLength: encodedLength });
}
