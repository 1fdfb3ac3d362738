import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { Busboy } from "@fastify/busboy";
import { SepalError } from "@sepal/schema/sepal-error";
import type { FileFormat } from "@sepal/model/scoring/file-format";
import { overLimit } from "../errors/failures.ts";
import { takeItsTime, dropBody } from "../http/error-handler.ts";
import { mediaType } from "../http/json.ts";
import type { BodyRules } from "../http/route-rules.ts";
import { FILE_TYPES, fileFormat, isFileType } from "./file-type.ts";

/** The part of a form that is the file. */
interface MultipartFile {
  readonly stream: Readable;
  readonly filename: string;
  readonly contentType: string;
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

/** The first part named `file`, to be read as it comes; all others are passed over. */
function multipartFile(request: IncomingMessage): Promise<MultipartFile> {
  const form = openForm(request.headers);
  return new Promise((resolve, reject) => {
    let file: Readable | undefined;
    const fail = (error: SepalError) => {
      reject(error);
      file?.destroy(error);
      request.unpipe(form);
    };
    form.on("file", (name, stream, filename, _encoding, contentType) => {
      if (name !== FIELD || file !== undefined) {
        stream.on("error", () => {});
        stream.resume();
        return;
      }
      file = stream;
      // Busboy reports a part that is cut off without ending its stream.
      stream.on("error", (cause) => {
        if (!stream.destroyed) fail(malformed(cause));
      });
      resolve({ stream, filename: filename ?? "", contentType: contentType ?? "" });
    });
    form.on("error", (cause) => fail(malformed(cause)));
    form.on("finish", () => reject(missing()));
    request.once("close", () => {
      if (!request.complete) fail(new SepalError("cancelled", "the client is gone"));
    });
    request.pipe(form);
  });
}

/** A file on its way in. */
export interface Upload {
  readonly format: FileFormat;
  /** The file as it comes; read once. Fails with `too_large`, or `cancelled` when the client is gone. */
  readonly bytes: AsyncIterable<Uint8Array>;
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
  inflates: false,
};

/** Reads and forgets the rest of a file that has failed, so that a client that sends all of it first comes to read why. */
export function passOver(request: IncomingMessage): void {
  dropBody(request, PASS_OVER_MS);
}

/** Opens the file of a request, which is its body or the field `file` of a form. */
export async function openUpload(request: IncomingMessage, maxBytes: number): Promise<Upload> {
  takeItsTime(request.socket);
  request.setTimeout(STALL_MS, () => request.destroy());
  const type = request.headers["content-type"] ?? "";
  const form = mediaType(type) === "multipart/form-data";
  const part = form ? await multipartFile(request) : undefined;
  const format = fileFormat(part?.contentType ?? type, part?.filename);
  const stream = part?.stream ?? request;
  let complete = false;
  async function* bytes() {
    let count = 0;
    try {
      // The connection outlives a reader that stops early: the response has to go out on it.
      for await (const piece of stream.iterator({ destroyOnReturn: false })) {
        if (!(piece instanceof Uint8Array)) throw new Error("a request gave no bytes");
        count += piece.length;
        if (count > maxBytes) throw overLimit("file", maxBytes);
        yield piece;
      }
      complete = true;
    } catch (cause) {
      if (cause instanceof SepalError) throw cause;
      // A form that is cut off has its own reason here.
      if (stream.errored instanceof SepalError) throw stream.errored;
      throw new SepalError("cancelled", "the client is gone", { cause });
    }
  }
  return { format, bytes: bytes(), complete: () => complete };
}
