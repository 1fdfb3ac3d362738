import type { FileFormat } from "@sepal/model/scoring/file-format";
import { SepalError } from "@sepal/schema/sepal-error";

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
const UNKNOWN = new Set(["", "application/octet-stream", "text/plain", "application/vnd.ms-excel"]);

const ENDINGS: ReadonlyMap<string, FileFormat> = new Map([
  ["csv", "csv"],
  ["tsv", "csv"],
  ["txt", "csv"],
  ["ndjson", "ndjson"],
  ["jsonl", "ndjson"],
]);

/** Content type of a file and of its result. */
export const MEDIA_TYPES: Readonly<Record<FileFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  ndjson: "application/x-ndjson",
};

/** The content types of files in words. */
export const FILE_TYPES = "text/csv, application/x-ndjson or multipart/form-data";

/** Fails with `unsupported_media_type`, in the words of the routes that take files. */
function wrongType(found: string): SepalError {
  const message = `the content type should be ${FILE_TYPES}${found}`;
  return new SepalError("unsupported_media_type", message);
}

/** Whether a media type is that of a file, or of a form with one. */
export function isFileType(type: string): boolean {
  return type === "multipart/form-data" || FORMATS.has(type);
}

/** The format of a file by its content type or, where that is unspecific, the ending of its name. */
export function fileFormat(contentType: string, filename = ""): FileFormat {
  const [type = "", ...parameters] = contentType.toLowerCase().split(";");
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]*)/.exec(parameter)?.[1])
    .find((value) => value !== undefined);
  if (charset !== undefined && !["utf-8", "utf8", "us-ascii"].includes(charset)) {
    throw wrongType("; its charset should be utf-8");
  }
  const media = type.trim();
  const ending = /\.([a-z]+)$/.exec(filename.toLowerCase())?.[1] ?? "";
  const format = FORMATS.get(media) ?? (UNKNOWN.has(media) ? ENDINGS.get(ending) : undefined);
  if (format !== undefined) return format;
  throw wrongType(filename === "" ? "" : "; the name of the file may end in .csv or .ndjson");
}
