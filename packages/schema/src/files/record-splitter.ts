import { forms } from "./bytes.ts";
import { MAX_RECORD_BYTES } from "./file-format.ts";

/** Whole records of a file, in memory of their own. */
export interface RecordBlock {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Start and end of each record in `bytes`, in turns, without its line end. */
  readonly bounds: Uint32Array<ArrayBuffer>;
  /** Line ends in `bytes`. */
  readonly lines: number;
}

/** Where a block ends at the latest. */
export interface BlockLimits {
  readonly rows: number;
  readonly bytes: number;
}

/** A record is longer than any may be. */
export class RecordTooLong extends Error {
  /** Whole records before it that are in no block yet. */
  readonly records: number;

  constructor(records: number) {
    super(`a record is longer than ${MAX_RECORD_BYTES} bytes`);
    this.records = records;
  }
}

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/** Where in a record the scan stands. */
const FIELD_START = 0;
const UNQUOTED = 1;
const QUOTED = 2;
const AFTER_QUOTE = 3;

/**
 * Cuts bytes into blocks of whole records, wherever the pieces they come in are cut.
 *
 * A line end inside of quotes belongs to its record, where `delimiters` are given; blank lines are no
 * records. A carriage return ends a record, so that a line feed behind it is a blank line.
 */
export class RecordSplitter {
  readonly #delimiters: ReadonlySet<number>;
  readonly #quotes: boolean;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** First byte of the block, of the record and to look at next, and the end of what is known. */
  #blockStart = 0;
  #recordStart = 0;
  #scanned = 0;
  #filled = 0;
  #state = FIELD_START;
  #blank = true;
  #bounds: number[] = [];
  #lines = 0;
  /** Whether the last line end was a carriage return: a line feed behind it belongs to it. */
  #afterReturn = false;

  /** `delimiters` are those of a CSV file; a file of JSON lines has none. */
  constructor(delimiters: string) {
    this.#delimiters = new Set(forms.bytesOf(delimiters));
    this.#quotes = delimiters !== "";
  }

  /** Adds the next bytes of the file. */
  push(bytes: Uint8Array): void {
    const kept = this.#filled - this.#blockStart;
    if (kept + bytes.length > this.#buffer.length || this.#blockStart > 0) {
      const old = this.#buffer.subarray(this.#blockStart, this.#filled);
      if (kept + bytes.length > this.#buffer.length) {
        this.#buffer = new Uint8Array(Math.max(2 * kept, kept + bytes.length));
      }
      this.#buffer.set(old);
      this.#recordStart -= this.#blockStart;
      this.#scanned -= this.#blockStart;
      this.#bounds = this.#bounds.map((bound) => bound - this.#blockStart);
      this.#filled = kept;
      this.#blockStart = 0;
    }
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  /** The next full block; at the end of the file also one that is not full. Absent when more bytes are needed. */
  next(limits: BlockLimits, end: boolean): RecordBlock | undefined {
    for (;;) {
      if (this.#recordStart === this.#scanned && this.#isFull(limits) && !this.#awaitsFeed(end)) {
        return this.#take();
      }
      if (this.#scanned === this.#filled) break;
      const byte = this.#buffer[this.#scanned] ?? 0;
      if (this.#endsRecord(byte)) {
        const isFeed = byte === LF && this.#afterReturn && this.#recordStart === this.#scanned;
        if (!isFeed) this.#lines += 1;
        this.#afterReturn = byte === CR;
        this.#endRecord(this.#scanned);
        this.#scanned += 1;
        this.#recordStart = this.#scanned;
      } else {
        this.#scanned += 1;
        if (this.#scanned - this.#recordStart > MAX_RECORD_BYTES) {
          throw new RecordTooLong(this.#bounds.length / 2);
        }
      }
    }
    if (!end || this.#blockStart === this.#filled) return undefined;
    this.#endRecord(this.#filled);
    this.#recordStart = this.#filled;
    return this.#take();
  }

  #isFull({ rows, bytes }: BlockLimits): boolean {
    return this.#bounds.length >= 2 * rows || this.#scanned - this.#blockStart >= bytes;
  }

  /** Whether the line feed of the last line end is still to come: no block ends between CR and LF. */
  #awaitsFeed(end: boolean): boolean {
    if (!this.#afterReturn) return false;
    return this.#scanned === this.#filled ? !end : this.#buffer[this.#scanned] === LF;
  }

  #endsRecord(byte: number): boolean {
    if (!this.#quotes) {
      if (byte === LF) return true;
      if (byte !== SPACE && byte !== TAB && byte !== CR) this.#blank = false;
      return false;
    }
    if (this.#state === QUOTED) {
      if (byte === QUOTE) this.#state = AFTER_QUOTE;
      else if (byte === LF) this.#lines += 1;
      return false;
    }
    if (byte === LF || byte === CR) return true;
    if (byte === QUOTE && this.#state !== UNQUOTED) this.#state = QUOTED;
    else if (this.#delimiters.has(byte)) this.#state = FIELD_START;
    else this.#state = UNQUOTED;
    if (byte !== SPACE) this.#blank = false;
    return false;
  }

  #endRecord(end: number): void {
    if (!this.#blank) this.#bounds.push(this.#recordStart, end);
    this.#blank = true;
    this.#state = FIELD_START;
  }

  #take(): RecordBlock {
    const bytes = this.#buffer.slice(this.#blockStart, this.#scanned);
    const bounds = Uint32Array.from(this.#bounds, (bound) => bound - this.#blockStart);
    const lines = this.#lines;
    this.#blockStart = this.#scanned;
    this.#bounds = [];
    this.#lines = 0;
    return { bytes, bounds, lines };
  }
}
