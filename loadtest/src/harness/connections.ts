import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { REQUEST_TIMEOUT_S } from "./load-generators.ts";

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
    throw new Error(`unexpected response: ${text.slice(0, 200)}`);
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
        if (head.length > LONGEST_HEAD) throw new Error("unexpected response: its head never ends");
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
      if (this.#left < 0) throw new Error("unexpected response: longer than its content-length");
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

/** Events of a connection and its requests. */
export interface ConnectionEvents {
  /** It is open; requests may be sent. */
  readonly opened: (connection: LeanConnection) => void;
  /** The request in flight got a response of this status. */
  readonly responded: (connection: LeanConnection, status: number) => void;
  /** It closed; `busy` when a request was in flight. */
  readonly closed: (connection: LeanConnection, busy: boolean) => void;
  /** It could not be opened, or the response is not of the form allowed here. */
  readonly failed: (error: Error) => void;
}

/** A keep-alive connection of a load generator: one request in flight, bodies counted, not kept. */
export class LeanConnection {
  readonly #socket: Socket;
  readonly #reader = new ResponseReader();
  #open = false;
  #busy = false;
  /** Number of the request in flight, the owner's to set. */
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
      // One buffer for all reads: saves an allocation a response.
      onread: {
        buffer,
        callback: (length) => {
          try {
            if (!this.#busy) throw new Error("unexpected response: there was no request");
            const status = this.#reader.take(buffer.subarray(0, length));
            if (status !== null) {
              this.#busy = false;
              events.responded(this, status);
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
      // After it was open, an error is a lost connection, which `close` reports.
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

  /** Closes at once, without an event. */
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

/** The bodies of a file, one a line, as whole requests to `url`. */
export function readRequests(url: URL, file: string): Buffer[] {
  const bodies = readFileSync(file, "utf8").trimEnd().split("\n");
  return bodies.map((body) => requestBytes(url, body));
}

/** Enough for the response to a single row; a longer one takes several reads. */
const SINGLE_READ_BYTES = 4096;

/** Where the pool gets its requests, by number, and reports their outcome. */
export interface PoolWork {
  /** Takes the next request that is due, or null. */
  readonly next: () => number | null;
  readonly bytes: (request: number) => Uint8Array;
  /** A request got a response of a status, or lost its connection: null. */
  readonly settled: (request: number, status: number | null) => void;
}

/** Keep-alive connections that send what is due, the one freed last first. */
export class ConnectionPool {
  readonly #address: URL;
  readonly #work: PoolWork;
  readonly #free: LeanConnection[] = [];
  readonly #all = new Set<LeanConnection>();
  /** Resolves when every connection has opened, or one has failed. */
  readonly opened: Promise<void>;
  readonly #opened = Promise.withResolvers<void>();
  readonly #size: number;
  /** Why no figure may be taken from this run; null while all is well. */
  failure: Error | null = null;

  constructor(address: URL, size: number, work: PoolWork) {
    this.#address = address;
    this.#work = work;
    this.#size = size;
    this.opened = this.#opened.promise;
    for (let count = 0; count < size; count += 1) this.#connect();
  }

  get free(): number {
    return this.#free.length;
  }

  /** Sends one request that is due, if a connection is free. */
  send(): void {
    const connection = this.#free.pop();
    if (connection !== undefined) this.#use(connection);
  }

  destroy(): void {
    for (const connection of this.#all) connection.destroy();
  }

  #use(connection: LeanConnection): void {
    const request = this.#work.next();
    if (request === null) {
      this.#free.push(connection);
      return;
    }
    connection.request = request;
    connection.send(this.#work.bytes(request));
  }

  #connect(): void {
    const connection = new LeanConnection(this.#address, SINGLE_READ_BYTES, {
      opened: (connection) => {
        this.#use(connection);
        if (this.#free.length === this.#size) this.#opened.resolve();
      },
      responded: (connection, status) => {
        this.#work.settled(connection.request, status);
        this.#use(connection);
      },
      closed: (connection, busy) => {
        this.#all.delete(connection);
        const place = this.#free.indexOf(connection);
        if (place >= 0) this.#free.splice(place, 1);
        if (busy) this.#work.settled(connection.request, null);
        if (this.failure === null) this.#connect();
      },
      failed: (error) => {
        this.failure ??= error;
        this.#opened.resolve();
      },
    });
    this.#all.add(connection);
  }
}

/** Times requests over connections that stay open. */
export interface Stopwatch extends Disposable {
  /** Sends the requests and returns the milliseconds until the last response; throws unless each got 200. */
  time(requests: readonly Uint8Array[]): Promise<number>;
}

/** Opens connections over which requests go, one at a time on each. */
export async function openStopwatch(address: URL, connections: number): Promise<Stopwatch> {
  let sent: readonly Uint8Array[] = [];
  let next = 0;
  let left = 0;
  let refused = 0;
  let finished = Promise.withResolvers<void>();
  const pool = new ConnectionPool(address, connections, {
    next: () => (next < sent.length ? next++ : null),
    bytes: (request) => sent[request] ?? new Uint8Array(),
    settled(_request, status) {
      if (status !== 200) refused += 1;
      left -= 1;
      if (left === 0) finished.resolve();
    },
  });
  await pool.opened;
  return {
    async time(requests) {
      sent = requests;
      [next, left, refused] = [0, requests.length, 0];
      finished = Promise.withResolvers<void>();
      const late = new Error(`no response within ${REQUEST_TIMEOUT_S} s`);
      const timer = setTimeout(() => {
        finished.reject(pool.failure ?? late);
      }, REQUEST_TIMEOUT_S * 1000);
      const start = performance.now();
      for (let count = 0; count < connections; count += 1) pool.send();
      await finished.promise.finally(() => clearTimeout(timer));
      if (refused > 0) throw new Error(`${refused} of ${requests.length} requests failed`);
      return performance.now() - start;
    },
    [Symbol.dispose]: () => pool.destroy(),
  };
}
