const HEAD_END = Buffer.from("\r\n\r\n");
const NOTHING = Buffer.alloc(0);
const LONGEST_HEAD = 16_384;

/** How a chunked body ends. JSON has no line break of its own, so nothing else in it looks like this. */
const LAST_CHUNK = "\r\n0\r\n\r\n";

/** `length` is null for a chunked body. */
function readHead(text: string): { status: number; length: number | null } {
  const status = /^HTTP\/1\.1 ([2-5]\d\d) /.exec(text)?.[1];
  const length = /\r\ncontent-length: *(\d+)(?:\r\n|$)/i.exec(text)?.[1];
  const chunked = /\r\ntransfer-encoding: *chunked(?:\r\n|$)/i.test(text);
  if (status === undefined || (length === undefined) !== chunked) {
    throw new Error(`unexpected answer: ${text.slice(0, 200)}`);
  }
  return { status: Number(status), length: length === undefined ? null : Number(length) };
}

/** Finds the end of HTTP/1.1 responses that come one at a time and state their length or are JSON in chunks. */
export class ResponseReader {
  #head = NOTHING;
  #status = 0;
  /** Bytes of the body still to come; null while the head is read. */
  #left: number | null = null;
  /** The last characters of a chunked body; null for a body with a length. */
  #tail: string | null = null;

  /**
   * Takes the next bytes, which stay the caller's; returns the status when they end a response, else
   * null. Throws on anything but one response that {@link ResponseReader} can find the end of.
   */
  take(bytes: Buffer): number | null {
    let body = bytes;
    if (this.#left === null) {
      const head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
      const end = head.indexOf(HEAD_END);
      if (end < 0) {
        if (head.length > LONGEST_HEAD) throw new Error("unexpected answer: its head never ends");
        this.#head = Buffer.from(head);
        return null;
      }
      const { status, length } = readHead(head.toString("latin1", 0, end));
      this.#head = NOTHING;
      this.#status = status;
      this.#left = length ?? 0;
      // An empty body is the last chunk right after the head.
      this.#tail = length === null ? "\r\n" : null;
      body = head.subarray(end + HEAD_END.length);
    }
    if (this.#tail === null) {
      this.#left -= body.length;
      if (this.#left < 0) throw new Error("unexpected answer: longer than its content-length");
      if (this.#left > 0) return null;
    } else {
      const last = body.toString("latin1", Math.max(0, body.length - LAST_CHUNK.length));
      this.#tail = (this.#tail + last).slice(-LAST_CHUNK.length);
      if (this.#tail !== LAST_CHUNK) return null;
    }
    this.#left = null;
    return this.#status;
  }
}
