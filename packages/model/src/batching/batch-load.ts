import type { Backlog } from "./backlog.ts";
import { BacklogShare } from "./backlog-share.ts";
import type { Call } from "../session/call.ts";
import { MovingAverage } from "./moving-average.ts";

/** The rows of one batch that have not run yet; disposed, they are gone. */
export interface BatchRows extends Disposable {
  /** So many of them have run, and took the thread so long with what their reader did, in milliseconds. */
  ran(rows: number, milliseconds: number): void;
}

/** What the batches of one model add to the backlog of the thread that reads, computes and answers them. */
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
