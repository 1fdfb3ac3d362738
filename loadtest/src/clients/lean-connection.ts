import { connect, type Socket } from "node:net";
import { ResponseReader } from "./response-reader.ts";

/** What becomes of a connection and its requests. */
export interface ConnectionEvents {
  /** It is open; requests may be sent. */
  readonly opened: (connection: LeanConnection) => void;
  /** The request under way was answered with a status. */
  readonly answered: (connection: LeanConnection, status: number) => void;
  /** It closed; `busy` when a request was under way. */
  readonly closed: (connection: LeanConnection, busy: boolean) => void;
  /** It could not be opened, or the answer is nothing HTTP/1.1 allows here. */
  readonly failed: (error: Error) => void;
}

/** A keep-alive connection of a load generator: one request under way, bodies counted, not kept. */
export class LeanConnection {
  readonly #socket: Socket;
  readonly #reader = new ResponseReader();
  #open = false;
  #busy = false;
  /** Number of the request under way, the owner's to set. */
  request = 0;

  constructor(address: URL, readBytes: number, events: ConnectionEvents) {
    const buffer = Buffer.allocUnsafe(readBytes);
    const fail = (error: Error) => {
      events.failed(error);
      this.#socket.destroy();
    };
    this.#socket = connect({
      host: address.hostname,
      port: Number(address.port),
      noDelay: true,
      // One buffer for all reads: saves an allocation an answer.
      onread: {
        buffer,
        callback: (length) => {
          try {
            if (!this.#busy) throw new Error("unexpected answer: nothing was asked");
            const status = this.#reader.take(buffer.subarray(0, length));
            if (status !== null) {
              this.#busy = false;
              events.answered(this, status);
            }
          } catch (error) {
            fail(error instanceof Error ? error : new Error(String(error)));
          }
          return true;
        },
      },
    });
    this.#socket.once("connect", () => {
      this.#open = true;
      events.opened(this);
    });
    this.#socket.on("error", (error) => {
      // After it was open, an error is a lost connection and told by `close`.
      if (!this.#open) fail(error);
    });
    this.#socket.once("close", () => {
      if (!this.#open) return;
      this.#open = false;
      events.closed(this, this.#busy);
    });
  }

  /** Sends a whole request, head and body. */
  send(bytes: Uint8Array): void {
    this.#busy = true;
    this.#socket.write(bytes);
  }

  /** Closes at once, telling nobody. */
  destroy(): void {
    this.#open = false;
    this.#socket.destroy();
  }
}

/** A POST of JSON as the bytes that go over the wire. */
export function requestBytes({ host, pathname, search }: URL, body: string): Buffer {
  return Buffer.from(
    `POST ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
