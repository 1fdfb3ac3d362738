import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { Busboy } from "@fastify/busboy";
import { SepalError } from "@sepal/schema/sepal-error";

/** The part of a form that is the file. */
export interface MultipartFile {
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
export function multipartFile(request: IncomingMessage): Promise<MultipartFile> {
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
      // Busboy tells a part that is cut off without ending its stream.
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
