const HEAD_END = Buffer.from("\r\n\r\n");
const NOTHING = Buffer.alloc(0);
const LONGEST_HEAD = 16_384;

function readHead(text: string): { status: number; length: number } {
  const status = /^HTTP\/1\.1 ([2-5]\d\d) /.exec(text)?.[1];
  const length = /\r\ncontent-length: *(\d+)(?:\r\n|$)/i.exec(text)?.[1];
  if (status === undefined || length === undefined) {
    throw new Error(`unexpected answer: ${text.slice(0, 200)}`);
  }
  return { status: Number(status), length: Number(length) };
}

/** Finds the end of HTTP/1.1 answers that come one at a time and state their length. */
export class ResponseReader {
  #head = NOTHING;
  #status = 0;
  /** Bytes of the body still to come; null while the head is read. */
  #left: number | null = null;

  /**
   * Takes the next bytes, which stay the caller's; gives the status when they end an answer, else
   * null. Throws on anything but one answer with a content-length.
   */
  take(bytes: Buffer): number | null {
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
      this.#left = length - (head.length - end - HEAD_END.length);
    } else {
      this.#left -= bytes.length;
    }
    if (this.#left < 0) throw new Error("unexpected answer: longer than its content-length");
    if (this.#left > 0) return null;
    this.#left = null;
    return this.#status;
  }
}
