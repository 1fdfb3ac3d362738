import { readFile, stat } from "node:fs/promises";
import type { Logger } from "pino";
import { withTimeout } from "../with-timeout.ts";

/** How often the file is looked at, in milliseconds; events would miss files that are mounted. */
const POLL_INTERVAL_MS = 1000;

/** Longest time that a look may take, in milliseconds: a file system that hangs is a file that cannot be read. */
const LOOK_TIMEOUT_MS = 5000;

interface WatchOptions<T> {
  readonly path: string;
  readonly parse: (text: string) => T;
  readonly logger: Logger;
  /** How long what was read before holds while the file cannot be read or parsed, in milliseconds. */
  readonly graceMs: number;
}

interface Reading<T> {
  readonly value: T;
  /** Inode, times and size of what was read. */
  readonly mark: string;
}

/**
 * A file that is read again when it changes. While it cannot be read or parsed, what was read before holds for a grace
 * time; after that the file is closed: it has no value until it can be used again.
 */
export class WatchedFile<T> {
  readonly #options: WatchOptions<T>;
  #reading: Reading<T>;
  /** When the file was last found to be as it was read, on the clock of `performance.now()`. */
  #confirmedAt = performance.now();
  #fault: string | undefined;
  #closedLogged = false;
  #pending: Promise<Reading<T>> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  private constructor(options: WatchOptions<T>, first: Reading<T>) {
    this.#options = options;
    this.#reading = first;
    this.#wait();
  }

  /** Reads a file for the first time; fails where it cannot be read or parsed. */
  static async open<T>(options: WatchOptions<T>): Promise<WatchedFile<T>> {
    return new WatchedFile(options, await read(options));
  }

  /** The parsed file; `undefined` while it is closed. */
  get value(): T | undefined {
    return this.#closed ? undefined : this.#reading.value;
  }

  /** Why the file cannot be used, without its path; `undefined` while it can. */
  get fault(): string | undefined {
    if (this.#fault === undefined) return undefined;
    const held = Math.ceil((this.#closesAt - performance.now()) / 1000);
    return this.#closed
      ? `${this.#fault}; nobody is let in by this file`
      : `${this.#fault}; what it said before holds for ${held} s`;
  }

  /** Stops looking. */
  close(): void {
    clearTimeout(this.#timer);
    this.#ended = true;
  }

  get #closesAt(): number {
    return this.#confirmedAt + POLL_INTERVAL_MS + this.#options.graceMs;
  }

  /** By the clock, not by a timer: it also closes where a look never ends. */
  get #closed(): boolean {
    return this.#fault !== undefined && performance.now() >= this.#closesAt;
  }

  #wait(): void {
    if (this.#ended) return;
    this.#timer = setTimeout(() => void this.#look(), POLL_INTERVAL_MS).unref();
  }

  async #look(): Promise<void> {
    try {
      this.#pending ??= read(this.#options, this.#reading).finally(() => {
        this.#pending = undefined;
      });
      const limit = `reading takes more than ${LOOK_TIMEOUT_MS / 1000} s`;
      this.#usable(await withTimeout(this.#pending, LOOK_TIMEOUT_MS, () => new Error(limit)));
    } catch (error) {
      this.#unusable(error);
    }
    this.#wait();
  }

  #usable(reading: Reading<T>): void {
    const { path: file, logger } = this.#options;
    if (this.#fault !== undefined) logger.info({ file }, "can be used again");
    else if (reading !== this.#reading) logger.info({ file }, "read again");
    this.#reading = reading;
    this.#confirmedAt = performance.now();
    this.#fault = undefined;
    this.#closedLogged = false;
  }

  #unusable(error: unknown): void {
    const { path: file, logger, graceMs } = this.#options;
    const fault = reasonOf(error);
    const reason = error instanceof Error ? error.message : fault;
    if (fault !== this.#fault) {
      const grace_s = graceMs / 1000;
      this.#fault = fault;
      logger.error(
        { file, reason, grace_s },
        "cannot be used; what it said before holds for the grace time",
      );
    }
    if (this.#closed && !this.#closedLogged) {
      this.#closedLogged = true;
      logger.error(
        { file, reason },
        "cannot be used for longer than the grace time; nobody is let in by it",
      );
    }
  }
}

/** The file as it is now: the same reading where it has not changed since. */
async function read<T>(options: WatchOptions<T>, before?: Reading<T>): Promise<Reading<T>> {
  // Before the text is read: a change between the two is seen at the next look.
  const mark = await markOf(options.path);
  if (before?.mark === mark) return before;
  return { mark, value: options.parse(await readFile(options.path, "utf8")) };
}

async function markOf(path: string): Promise<string> {
  // The change time too: it is what a new owner or mode changes.
  const { ino, mtimeNs, ctimeNs, size } = await stat(path, { bigint: true });
  return `${ino} ${mtimeNs} ${ctimeNs} ${size}`;
}

/** A reason that every client may read: a failure of the file system without the path. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "it cannot be read";
  return "code" in error ? `it cannot be read (${String(error.code)})` : error.message;
}
