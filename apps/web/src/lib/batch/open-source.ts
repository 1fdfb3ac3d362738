import { concatenated, forms } from "@sepal/schema/files/bytes";
import { isGzip } from "@sepal/schema/files/file-format";
import { SepalError } from "@sepal/schema/sepal-error";
import type { TableFormat } from "./protocol.ts";

async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Of a file that is not read to its end; one that has failed already cannot be cancelled.
    reader.cancel().catch(() => {});
  }
}

/** The bytes of a file, without the gzip that its own first bytes show. */
async function* bytesOf(source: Blob): AsyncGenerator<Uint8Array> {
  if (!isGzip(new Uint8Array(await source.slice(0, 2).arrayBuffer()))) {
    yield* piecesOf(source.stream());
    return;
  }
  try {
    yield* piecesOf(source.stream().pipeThrough(new DecompressionStream("gzip")));
  } catch (cause) {
    throw new SepalError("malformed_body", "the file is not gzip data", { cause });
  }
}

/** What a text is: JSON lines, a JSON array of rows, or CSV. `[1,2]` is a line of JSON, `[[1,2]]` an array of rows. */
function formatOf(begin: string): TableFormat {
  if (/^\s*\[\s*(?:[[{\]]|$)/.test(begin)) return "json";
  return /^\s*[[{]/.test(begin) ? "ndjson" : "csv";
}

/** A file whose format is known. */
interface OpenSource {
  readonly format: TableFormat;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Signs that tell the formats apart. */
const TELLING = 2;

/** Opens a file: undoes gzip, and reads its format off its first signs. */
export async function openSource(source: Blob): Promise<OpenSource> {
  const pieces = bytesOf(source);
  const taken: Uint8Array[] = [];
  let begin = "";
  while (begin.replaceAll(/\s/g, "").length < TELLING) {
    const next = await pieces.next();
    if (next.done === true) break;
    taken.push(next.value);
    begin = (begin + forms.byteString(next.value)).replace(/^\u00ef\u00bb\u00bf/, "");
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield concatenated(taken);
    yield* pieces;
  }
  return { format: formatOf(begin), bytes: whole() };
}
