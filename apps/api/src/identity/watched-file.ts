import { readFile, stat } from "node:fs/promises";
import type { Logger } from "pino";

/** How often the file is looked at, in milliseconds; events would miss files that are mounted. */
const POLL_INTERVAL_MS = 1000;

/** A file that is read anew when it changes; one that cannot be used leaves what was read before. */
export class WatchedFile<T> {
  readonly #path: string;
  readonly #parse: (text: string) => T;
  readonly #logger: Logger;
  #value: T;
  /** Inode, time and size of what was read or refused last. */
  #seen: string;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(path: string, parse: (text: string) => T, logger: Logger, first: First<T>) {
    this.#path = path;
    this.#parse = parse;
    this.#logger = logger;
    this.#value = first.value;
    this.#seen = first.seen;
    this.#wait();
  }

  /** Reads a file for the first time; fails where it cannot be read or parsed. */
  static async open<T>(
    path: string,
    parse: (text: string) => T,
    logger: Logger,
  ): Promise<WatchedFile<T>> {
    // Asked before the text is read: a change between the two is seen at the next look.
    const seen = await markOf(path);
    return new WatchedFile(path, parse, logger, {
      seen,
      value: parse(await readFile(path, "utf8")),
    });
  }

  /** What the file says. */
  get value(): T {
    return this.#value;
  }

  /** Stops looking. */
  close(): void {
    clearTimeout(this.#timer);
    this.#closed = true;
  }

  #wait(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#look(), POLL_INTERVAL_MS).unref();
  }

  async #look(): Promise<void> {
    const seen = await markOf(this.#path).catch(() => "absent");
    if (seen !== this.#seen) {
      this.#seen = seen;
      const file = this.#path;
      try {
        this.#value = this.#parse(await readFile(file, "utf8"));
        this.#logger.info({ file }, "read again");
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#logger.error({ file, reason }, "cannot be used; what it said before still holds");
      }
    }
    this.#wait();
  }
}

interface First<T> {
  readonly value: T;
  readonly seen: string;
}

async function markOf(path: string): Promise<string> {
  const { ino, mtimeNs, size } = await stat(path, { bigint: true });
  return `${ino} ${mtimeNs} ${size}`;
}
