import type { FileFormat } from "@sepal/schema/files/file-format";
import { CHARSET_NAMES, charsetNamed, type Charset } from "@sepal/schema/predict-file";
import { SepalError } from "@sepal/schema/sepal-error";
import { invalidField } from "../operations/operation.ts";

// Maps: an object would also find what every object has, such as `constructor`.
const FORMATS: ReadonlyMap<string, FileFormat> = new Map([
  ["text/csv", "csv"],
  ["application/csv", "csv"],
  ["text/tab-separated-values", "csv"],
  ["application/x-ndjson", "ndjson"],
  ["application/ndjson", "ndjson"],
  ["application/jsonl", "ndjson"],
  ["application/jsonlines", "ndjson"],
  ["application/x-jsonlines", "ndjson"],
]);

/** Content types that programs give a file they do not know; Windows takes CSV for Excel's. */
const UNKNOWN = new Set([
  "",
  "application/octet-stream",
  "application/gzip",
  "application/x-gzip",
  "text/plain",
  "application/vnd.ms-excel",
]);

const ENDINGS: ReadonlyMap<string, FileFormat> = new Map([
  ["csv", "csv"],
  ["tsv", "csv"],
  ["txt", "csv"],
  ["ndjson", "ndjson"],
  ["jsonl", "ndjson"],
]);

/** What a file is, by what is said of it. */
export interface FileType {
  readonly format: FileFormat;
  readonly charset: Charset;
}

/** Content type of a result file. */
export function resultType({ format, charset }: FileType): string {
  if (format === "csv") return `text/csv; charset=${charset}`;
  return charset === "utf-8" ? "application/x-ndjson" : `application/x-ndjson; charset=${charset}`;
}

/** The content types of files in words. */
export const FILE_TYPES = "text/csv, application/x-ndjson or multipart/form-data";

/** Fails with `unsupported_media_type`, in the words of the routes that take files. */
function wrongType(found: string): SepalError {
  const message = `the content type should be ${FILE_TYPES}${found}`;
  return new SepalError("unsupported_media_type", message);
}

/** Whether a media type says that a body is a file, or a form with one. */
export function isFileType(type: string): boolean {
  return type === "multipart/form-data" || FORMATS.has(type);
}

/** The charset that a content type names; fails with `invalid_input` where no file may have it. */
function charsetOf(parameters: readonly string[]): Charset | undefined {
  const name = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)/i.exec(parameter)?.[1])
    .find((value) => value !== undefined);
  if (name === undefined) return undefined;
  const charset = charsetNamed(name);
  if (charset !== undefined) return charset;
  const msg = `The charset should be one of ${CHARSET_NAMES.join(", ")}`;
  throw invalidField(["header", "content-type"], msg, name);
}

/**
 * What a file is by its content type or, where that is unspecific, the ending of its name; the charset that a query asks for
 * comes before that of the content type.
 */
export function fileType(
  contentType: string,
  filename: string,
  asked: string | undefined,
): FileType {
  const [type = "", ...parameters] = contentType.split(";");
  const media = type.trim().toLowerCase();
  const ending = /\.([a-z]+)(?:\.gz)?$/.exec(filename.toLowerCase())?.[1] ?? "";
  const format = FORMATS.get(media) ?? (UNKNOWN.has(media) ? ENDINGS.get(ending) : undefined);
  if (format === undefined) {
    throw wrongType(filename === "" ? "" : "; the name of the file may end in .csv or .ndjson");
  }
  const named = charsetOf(parameters);
  const charset = asked === undefined ? named : charsetNamed(asked);
  return { format, charset: charset ?? "utf-8" };
}
