import { LeanConnection } from "./lean-connection.ts";

/** Enough for the answer to a single row; a longer one takes several reads. */
const READ_BYTES = 4096;

/** Where the pool gets its requests, by number, and tells what became of them. */
export interface PoolWork {
  /** Takes the next request that is due, or null. */
  readonly next: () => number | null;
  readonly bytes: (request: number) => Uint8Array;
  /** A request was answered with a status, or lost its connection: null. */
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
    const connection = new LeanConnection(this.#address, READ_BYTES, {
      opened: (connection) => {
        this.#use(connection);
        if (this.#free.length === this.#size) this.#opened.resolve();
      },
      answered: (connection, status) => {
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
