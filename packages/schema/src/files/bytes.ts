/**
 * Bytes of a file as a string with one character a byte.
 *
 * Everything that a file's syntax is made of is ASCII in both charsets, so that cells and keys are found, and copied, as
 * bytes; only what is shown to a person is decoded.
 */
export type ByteString = string;

/** Bytes into strings and back. */
interface ByteForms {
  readonly byteString: (bytes: Uint8Array) => ByteString;
  readonly bytesOf: (text: ByteString) => Uint8Array<ArrayBuffer>;
  readonly isUtf8: (bytes: Uint8Array) => boolean;
  readonly decodeUtf8: (bytes: ByteString) => string;
  readonly encodeUtf8: (text: string) => ByteString;
}

/** Characters made at once: a call takes as many arguments. */
const AT_ONCE = 8192;

function byteString(bytes: Uint8Array): ByteString {
  let text = "";
  for (let from = 0; from < bytes.length; from += AT_ONCE) {
    text += String.fromCharCode(...bytes.subarray(from, from + AT_ONCE));
  }
  return text;
}

function bytesOf(text: ByteString): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

/** In every runtime. */
export const portable: ByteForms = {
  byteString,
  bytesOf,
  isUtf8(bytes) {
    try {
      strict.decode(bytes);
      return true;
    } catch {
      return false;
    }
  },
  decodeUtf8: (bytes) => decoder.decode(bytesOf(bytes)),
  encodeUtf8: (text) => byteString(encoder.encode(text)),
};

/** What Node.js has of its own, many times as fast: a file's blocks are short beside it. */
interface NodeBuffers {
  readonly isUtf8: ByteForms["isUtf8"];
  readonly Buffer: {
    from(bytes: ArrayBufferLike, offset: number, length: number): NodeBuffer;
    from(text: string, encoding: "latin1" | "utf8"): NodeBuffer;
  };
}

interface NodeBuffer extends Uint8Array<ArrayBuffer> {
  toString(encoding?: "latin1" | "utf8"): string;
}

function ofNode({ isUtf8, Buffer }: NodeBuffers): ByteForms {
  return {
    isUtf8,
    byteString: ({ buffer, byteOffset, length }) =>
      Buffer.from(buffer, byteOffset, length).toString("latin1"),
    // Memory of its own, which another thread may take.
    bytesOf: (text) => new Uint8Array(Buffer.from(text, "latin1")),
    decodeUtf8: (bytes) => Buffer.from(bytes, "latin1").toString("utf8"),
    encodeUtf8: (text) => Buffer.from(text, "utf8").toString("latin1"),
  };
}

const node: NodeBuffers | undefined = Reflect.get(globalThis, "process")?.getBuiltinModule?.(
  "node:buffer",
);

/** Parts as one. */
export function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Bytes into strings and back, as fast as this runtime can. */
export const forms: ByteForms = node === undefined ? portable : ofNode(node);
