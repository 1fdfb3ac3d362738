import type { IncomingMessage } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { createGunzip, type Gunzip, type Inflate, type InflateRaw } from "node:zlib";
import { SepalError } from "@sepal/schema/sepal-error";
import { overLimit } from "../errors/over-limit.ts";
import { inflaterOf, isIdentity } from "../http/body.ts";
import { takeItsTime } from "../http/client-error.ts";
import { mediaType } from "../http/media-type.ts";
import type { BodyRules } from "../http/route-rules.ts";
import { dropBody } from "../http/unread-body.ts";
import { FILE_TYPES, fileType, isFileType, type FileType } from "./file-type.ts";
import { multipartFile } from "./multipart-file.ts";

/** A file on its way in. */
export interface Upload extends FileType {
  /** The file as it comes, inflated; read once. Fails with `too_large`, or `cancelled` when the client is gone. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Its length, or a little more; absent where it is not known before it is read. */
  readonly declared: number | undefined;
  /** Whether every byte has come. */
  readonly complete: () => boolean;
}

/** Longest time that the rest of a file is read that is not wanted any more, in milliseconds. */
const PASS_OVER_MS = 60_000;

/** Longest time without a byte in either direction, in milliseconds. */
const STALL_MS = 60_000;

/** The bodies of routes that take a file. */
export const FILE_BODY: BodyRules = {
  kind: "file",
  takes: isFileType,
  types: FILE_TYPES,
  inflates: true,
};

/** Reads and forgets the rest of a file that has failed, so that a client that sends all of it first comes to read why. */
export function passOver(request: IncomingMessage): void {
  dropBody(request, PASS_OVER_MS);
}

/** Undoes an encoding of bytes; fails with `malformed_body` where they are not what it says. */
async function* inflated(
  source: AsyncIterable<Uint8Array>,
  inflater: Gunzip | Inflate | InflateRaw,
  encoding: string,
): AsyncGenerator<Uint8Array, void, void> {
  // Told where the inflated bytes are read.
  pipeline(source, inflater, () => {});
  try {
    for await (const piece of inflater) yield piece;
  } catch (cause) {
    if (cause instanceof SepalError) throw cause;
    throw new SepalError("malformed_body", `the file is not ${encoding} data`, { cause });
  }
}

/** A source whose first bytes are known. */
interface Begun {
  readonly begin: Uint8Array;
  readonly whole: AsyncIterable<Uint8Array>;
}

/** Reads the first two bytes of a source ahead: they say how it is compressed. */
async function readBegin(source: AsyncIterable<Uint8Array>): Promise<Begun> {
  const iterator = source[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let begin: Uint8Array = new Uint8Array(0);
  while (begin.length < 2) {
    const next = await iterator.next();
    if (next.done === true) break;
    taken.push(next.value);
    begin = Buffer.concat([begin, next.value.subarray(0, 2)]);
  }
  async function* whole(): AsyncGenerator<Uint8Array, void, void> {
    let ended = false;
    try {
      yield* taken;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) break;
        yield next.value;
      }
      ended = true;
    } finally {
      if (!ended) await iterator.return?.();
    }
  }
  return { begin, whole: whole() };
}

/** A file without its content encoding, and without the gzip that its own first bytes show. */
async function* decompressed(
  source: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  let file = await readBegin(source);
  const inflater = encoding === undefined ? undefined : inflaterOf(encoding)?.(file.begin);
  if (inflater !== undefined && encoding !== undefined) {
    file = await readBegin(inflated(file.whole, inflater, encoding));
  }
  const [first, second] = file.begin;
  if (first === 0x1f && second === 0x8b) yield* inflated(file.whole, createGunzip(), "gzip");
  else yield* file.whole;
}

/** Opens the file of a request, which is its body or the field `file` of a form; `charset` is what the query says of it. */
export async function openUpload(
  request: IncomingMessage,
  maxBytes: number,
  charset: string | undefined,
): Promise<Upload> {
  takeItsTime(request.socket);
  request.setTimeout(STALL_MS, () => request.destroy());
  const {
    "content-type": type = "",
    "content-encoding": encoding,
    "content-length": length,
  } = request.headers;
  const form = mediaType(type) === "multipart/form-data";
  const encoded = encoding !== undefined && !isIdentity(encoding);
  if (form && encoded) {
    const message = "a form should have no content-encoding; send the file itself compressed";
    throw new SepalError("unsupported_media_type", message);
  }
  const part = form ? await multipartFile(request) : undefined;
  const kind = fileType(part?.contentType ?? type, part?.filename ?? "", charset);
  const stream: Readable = part?.stream ?? request;
  let complete = false;
  async function* sent(): AsyncGenerator<Uint8Array, void, void> {
    try {
      // The connection outlives a reader that stops early, and its response has to go out on it.
      for await (const piece of stream.iterator({ destroyOnReturn: false })) {
        if (!(piece instanceof Uint8Array)) throw new Error("a request gave no bytes");
        yield piece;
      }
      await part?.rest;
      complete = true;
    } catch (cause) {
      if (cause instanceof SepalError) throw cause;
      // A form that is cut off has its own reason here.
      if (stream.errored instanceof SepalError) throw stream.errored;
      throw new SepalError("cancelled", "the client is gone", { cause });
    }
  }
  async function* bytes(): AsyncGenerator<Uint8Array, void, void> {
    let count = 0;
    for await (const piece of decompressed(sent(), encoded ? encoding : undefined)) {
      count += piece.length;
      if (count > maxBytes) throw overLimit("file", maxBytes);
      yield piece;
    }
  }
  const declared = length === undefined || encoded ? undefined : Number(length);
  return { ...kind, bytes: bytes(), declared, complete: () => complete };
}
