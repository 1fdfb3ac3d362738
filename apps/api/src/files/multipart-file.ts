import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { Busboy } from "@fastify/busboy";
import { SepalError } from "@sepal/schema/sepal-error";
import { invalidField, isChoice } from "../operations/operation.ts";

/** The part of a form that is the file. */
export interface MultipartFile {
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
export function multipartFile(request: IncomingMessage): Promise<MultipartFile> {
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
      // Busboy tells a part that is cut off without ending its stream.
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
