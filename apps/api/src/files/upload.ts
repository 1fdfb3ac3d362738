import type { IncomingMessage } from "node:http";
import type { FileFormat } from "@sepal/model/scoring/file-format";
import { SepalError } from "@sepal/schema/sepal-error";
import { overLimit } from "../errors/over-limit.ts";
import { takeItsTime, dropBody } from "../http/error-handler.ts";
import { mediaType } from "../http/json.ts";
import type { BodyRules } from "../http/route-rules.ts";
import { FILE_TYPES, fileFormat, isFileType } from "./file-type.ts";
import { multipartFile } from "./multipart-file.ts";

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
      // The connection outlives a reader that stops early, and its answer has to go out on it.
      for await (const piece of stream.iterator({ destroyOnReturn: false })) {
        if (!(piece instanceof Uint8Array)) throw new Error("a request gave no bytes");
        count += piece.length;
        if (count > maxBytes) throw overLimit("file", maxBytes);
        yield piece;
      }
      complete = true;
    } catch (cause) {
      if (cause instanceof SepalError) throw cause;
      // A form that is cut off tells its own reason here.
      if (stream.errored instanceof SepalError) throw stream.errored;
      throw new SepalError("cancelled", "the client is gone", { cause });
    }
  }
  return { format, bytes: bytes(), complete: () => complete };
}
