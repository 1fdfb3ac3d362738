import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { Busboy } from "@fastify/busboy";
import { gunzipped, inflated, readBegin } from "@sepal/model/scoring/inflate";
import { SepalError } from "@sepal/schema/sepal-error";
import { overLimit } from "../errors/failures.ts";
import { inflaterOf, isIdentity } from "../http/body.ts";
import { dropBody, takeItsTime } from "../http/error-handler.ts";
import { mediaType } from "../http/json.ts";
import type { BodyRules } from "../http/route-table.ts";
import { invalidField, isChoice } from "../operations/operation.ts";
import { FILE_TYPES, fileType, isFileType, type FileType } from "./file-type.ts";

/** The part of a form that is the file. */
interface MultipartFile {
  readonly stream: Readable;
  readonly filename: string;
  readonly contentType: string;
  /** Settled at the form's end; fails with `invalid_input` where a part behind the file has no place in the form. */
  readonly rest: Promise<void>;
}

/** Name of the form's field. */
const FIELD = "file";

/** Parts of a form that are looked at; the file should be among them. */
const MAX_PARTS = 100;

function malformed(cause: unknown): SepalError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SepalError("malformed_body", `the form cannot be read: ${why}`, { cause });
}

function missing(): SepalError {
  const msg = `The form has no field ${FIELD}`;
  const entries = [{ type: "missing", loc: ["body", FIELD], msg, input: null }];
  return new SepalError("invalid_input", msg, { validation: { entries, total: 1 } });
}

function openForm(headers: IncomingMessage["headers"]): InstanceType<typeof Busboy> {
  try {
    return new Busboy({
      headers: { ...headers, "content-type": headers["content-type"] ?? "" },
      // Every part is read as a file, so that none is kept in memory.
      isPartAFile: () => true,
      limits: { parts: MAX_PARTS, headerSize: 16_384 },
    });
  } catch (cause) {
    throw malformed(cause);
  }
}

/** The failure of a part that the form may not have; absent for one that is passed over. */
function partFault(name: string): SepalError | undefined {
  if (name === FIELD) {
    return invalidField(["body", FIELD], "The form has two files; send one request for each", null);
  }
  if (!isChoice(name)) return undefined;
  const msg = `${name} belongs in the query, such as ?${name}=…, and not in the form`;
  return invalidField(["body", name], msg, null);
}

/** The first part named `file`, to be read as it comes; parts that say nothing here are passed over. */
function multipartFile(request: IncomingMessage): Promise<MultipartFile> {
  const form = openForm(request.headers);
  return new Promise((resolve, reject) => {
    let file: Readable | undefined;
    const rest = Promise.withResolvers<void>();
    // Asked for behind the file, or by nobody where the file itself fails.
    rest.promise.catch(() => {});
    const fail = (error: SepalError) => {
      reject(error);
      rest.reject(error);
      file?.destroy(error);
      request.unpipe(form);
    };
    form.on("file", (name, stream, filename, _encoding, contentType) => {
      if (name !== FIELD || file !== undefined) {
        stream.on("error", () => {});
        stream.resume();
        const fault = partFault(name);
        if (fault === undefined) return;
        reject(fault);
        rest.reject(fault);
        return;
      }
      file = stream;
      // Busboy reports a part that is cut off without ending its stream.
      stream.on("error", (cause) => {
        if (!stream.destroyed) fail(malformed(cause));
      });
      resolve({
        stream,
        filename: filename ?? "",
        contentType: contentType ?? "",
        rest: rest.promise,
      });
    });
    form.on("error", (cause) => fail(malformed(cause)));
    form.on("finish", () => {
      reject(missing());
      rest.resolve();
    });
    request.once("close", () => {
      if (!request.complete) fail(new SepalError("cancelled", "the client is gone"));
    });
    request.pipe(form);
  });
}

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
};

/** Reads and forgets the rest of a file that has failed, so that a client that sends all of it first comes to read why. */
export function passOver(request: IncomingMessage): void {
  dropBody(request, PASS_OVER_MS);
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
  yield* gunzipped(file);
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
