import type { Backlog } from "./backlog.ts";
import { MovingAverage } from "./moving-average.ts";

/** Rows from which on the time between arrival and answer is shared work rather than an accident of one row. */
const MANY_ROWS = 8;

/** What one model adds to the backlog of its thread: its rows, each at what rows have cost of late. */
export class BacklogShare {
  readonly #backlog: Backlog;
  readonly #average = new MovingAverage();
  #milliseconds = 0;

  constructor(backlog: Backlog) {
    this.#backlog = backlog;
  }

  /** Milliseconds that a row takes of the thread that reads, computes and answers it; 0 until the first batch has run. */
  get rowMs(): number {
    return this.#average.value;
  }

  /** A row has come. */
  join(): void {
    this.#milliseconds += this.rowMs;
    this.#backlog.change(this.rowMs);
  }

  /** So many rows wait or run now. */
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
