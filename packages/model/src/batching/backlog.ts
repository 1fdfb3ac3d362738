import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import type { InferenceObserver } from "../session/inference-observer.ts";

/** The message of both 504s: the deadline has passed, or would pass while the row waits. */
const DEADLINE_MESSAGE = "the deadline passed before the work was run";

/** What a caller may give along with rows. */
export interface Call {
  /** True for the server's own checks, which metrics leave out. */
  readonly probe?: boolean | undefined;
  /** Whether the client is gone; asked before each run. */
  readonly cancelled?: (() => boolean) | undefined;
  /** On the clock of `performance.now()`, in milliseconds. */
  deadline?: number | undefined;
}

/** Why a call need not be run any more, or `undefined` while its client waits. */
export function abandoned(call: Call, now: number): SepalError | undefined {
  if (call.cancelled?.() === true) return new SepalError("cancelled", "the client is gone");
  if (call.deadline !== undefined && now >= call.deadline) {
    return new SepalError("deadline_exceeded", DEADLINE_MESSAGE);
  }
  return undefined;
}

interface BacklogOptions {
  /** Longest estimated wait at which work is still taken, in milliseconds. */
  readonly maxWaitMs: number;
  /** Counts rejections. */
  readonly observer?: Pick<InferenceObserver, "rejected">;
}

/** The rows of all models that wait for the one thread that computes them, in estimated milliseconds of its time. */
export class Backlog {
  readonly #maxWaitMs: number;
  readonly #observer: BacklogOptions["observer"];
  #waitMs = 0;

  constructor({ maxWaitMs, observer }: BacklogOptions) {
    this.#maxWaitMs = maxWaitMs;
    this.#observer = observer;
  }

  /** How long a new row would wait, in milliseconds. */
  get waitMs(): number {
    return this.#waitMs;
  }

  /** Whether a new row would wait longer than is allowed. */
  get full(): boolean {
    return this.#waitMs > this.#maxWaitMs;
  }

  /** Notes that work has come, or with a negative number that it has gone. */
  change(milliseconds: number): void {
    this.#waitMs += milliseconds;
  }

  /** Counts a refusal, and makes its `unavailable`, which says when what waits now will be done. */
  refuse(message = "the server is at its limit"): SepalError {
    this.#observer?.rejected("overloaded");
    const retryS = Math.max(1, Math.ceil(this.#waitMs / 1000));
    return unavailable(message, { reason: "overloaded", retryS });
  }

  /** Counts and makes the refusal of a row whose deadline comes before its turn would; `undefined` where it can be met. */
  unmeetable(deadline: number | undefined): SepalError | undefined {
    if (deadline === undefined || this.#waitMs === 0) return undefined;
    if (performance.now() + this.#waitMs < deadline) return undefined;
    this.#observer?.rejected("deadline");
    return new SepalError("deadline_exceeded", DEADLINE_MESSAGE, { reason: "deadline" });
  }
}

/** Weight of the newest sample. */
const NEWEST = 0.1;

/** An exponentially weighted moving average: the first sample as it is, then a tenth of each new one. */
export class MovingAverage {
  #value = 0;

  /** 0 until the first sample. */
  get value(): number {
    return this.#value;
  }

  /** Takes a sample in. */
  add(sample: number): void {
    this.#value = this.#value === 0 ? sample : this.#value + NEWEST * (sample - this.#value);
  }
}

/** Rows from which on the time between arrival and response is shared work rather than an accident of one row. */
const MANY_ROWS = 8;

/** What one model adds to the backlog of its thread: its rows, each at what rows have cost of late. */
export class BacklogShare {
  readonly #backlog: Backlog;
  readonly #average = new MovingAverage();
  #milliseconds = 0;

  constructor(backlog: Backlog) {
    this.#backlog = backlog;
  }

  /** Milliseconds that a row takes of the thread that reads, computes and writes it; 0 until the first batch has run. */
  get rowMs(): number {
    return this.#average.value;
  }

  /** Adds a row that has arrived. */
  join(): void {
    this.#milliseconds += this.rowMs;
    this.#backlog.change(this.rowMs);
  }

  /** Sets how many rows wait or run now. */
  settle(rows: number): void {
    const milliseconds = rows * this.rowMs;
    this.#backlog.change(milliseconds - this.#milliseconds);
    this.#milliseconds = milliseconds;
  }

  /** Learns from a batch: how many rows, how long between the first one's arrival and the last one's, and how long the run. */
  learn(rows: number, arrivalsMs: number, computeMs: number): void {
    // Between the arrivals of many rows lies their reading; between those of few, waiting. What comes after the last one
    // is left out: with refusals in it, rows would seem dear because others were refused.
    this.#average.add((computeMs + (rows < MANY_ROWS ? 0 : arrivalsMs)) / rows);
  }
}

/** The rows of one batch that have not run yet; disposing removes them from the backlog. */
interface BatchRows extends Disposable {
  /** Removes rows that have run; `milliseconds` is the thread's time for them, their reader's included. */
  ran(rows: number, milliseconds: number): void;
}

/** What the batches of one model add to the backlog of the thread that reads, computes and writes them. */
export class BatchLoad {
  readonly #backlog: Backlog;
  readonly #share: BacklogShare;
  #rows = 0;
  /** What reading a row takes, in milliseconds. */
  readonly #readMs = new MovingAverage();
  #lastCame: number | undefined;

  constructor(backlog: Backlog) {
    this.#backlog = backlog;
    this.#share = new BacklogShare(backlog);
  }

  /** Takes a batch that may wait; fails with `unavailable` where it would wait too long. */
  take(rows: number, { probe }: Pick<Call, "probe">): BatchRows {
    if (probe !== true && this.#backlog.full) throw this.#backlog.refuse();
    this.#learnReading(rows);
    let left = rows;
    this.#change(rows);
    return {
      ran: (done, milliseconds) => {
        left -= done;
        this.#share.learn(done, 0, milliseconds + done * this.#readMs.value);
        this.#change(-done);
      },
      [Symbol.dispose]: () => {
        this.#change(-left);
        left = 0;
      },
    };
  }

  #change(rows: number): void {
    this.#rows += rows;
    this.#share.settle(this.#rows);
  }

  /** Between two batches that come in one turn of the event loop lies the reading of the second. */
  #learnReading(rows: number): void {
    const now = performance.now();
    if (this.#lastCame === undefined) {
      setImmediate(() => {
        this.#lastCame = undefined;
      });
    } else {
      this.#readMs.add((now - this.#lastCame) / rows);
    }
    this.#lastCame = now;
  }
}
