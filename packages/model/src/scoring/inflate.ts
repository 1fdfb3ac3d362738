import { pipeline } from "node:stream";
import { createGunzip, type Gunzip, type Inflate, type InflateRaw } from "node:zlib";
import { isGzip } from "@sepal/schema/files/file-format";
import { SepalError } from "@sepal/schema/sepal-error";

/** Undoes the compression of bytes; fails with `malformed_body` where they are not what it says. */
export async function* inflated(
  source: AsyncIterable<Uint8Array>,
  inflater: Gunzip | Inflate | InflateRaw,
  encoding: string,
): AsyncGenerator<Uint8Array, void, void> {
  // A failure is thrown where the inflated bytes are read.
  pipeline(source, inflater, () => {});
  try {
    for await (const piece of inflater) yield piece;
  } catch (cause) {
    if (cause instanceof SepalError) throw cause;
    throw new SepalError("malformed_body", `the file is not ${encoding} data`, { cause });
  }
}

/** A source whose first bytes are known. */
export interface Begun {
  readonly begin: Uint8Array;
  readonly whole: AsyncIterable<Uint8Array>;
}

/** Reads the first two bytes of a source ahead: they say how it is compressed. */
export async function readBegin(source: AsyncIterable<Uint8Array>): Promise<Begun> {
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

/** A file without the gzip that its own first bytes show. */
export async function* gunzipped(file: Begun): AsyncGenerator<Uint8Array, void, void> {
  if (isGzip(file.begin)) yield* inflated(file.whole, createGunzip(), "gzip");
  else yield* file.whole;
}
