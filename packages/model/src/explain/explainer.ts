import { unavailable } from "@sepal/schema/unavailable";
import type { Call } from "../session/call.ts";
import type { RowRunner } from "../batching/run-chunks.ts";
import { explainRow, type TimedExplanation } from "./explain-row.ts";
import { coalitionCost } from "./explain-offer.ts";

/** Most rows of explanations that wait or run, half a second of a forest of 50 trees. */
const MAX_WAITING_ROWS = 1_000_000;

/** Explains the answers of one model, one at a time, so that predictions meet no more than one of its executions. */
export class Explainer {
  readonly #runner: RowRunner;
  #rows = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(runner: RowRunner) {
    this.#runner = { ...runner, lane: "explain" };
  }

  /** Explains one row; fails with `unavailable` when too much waits already. */
  async explain(
    row: readonly number[],
    background: readonly (readonly number[])[],
    call: Call,
  ): Promise<TimedExplanation> {
    const { model, observer } = this.#runner;
    const cost = coalitionCost(row.length, background.length);
    if (this.#rows + cost > MAX_WAITING_ROWS) {
      observer.rejected("queue_full");
      throw unavailable(`too many explanations of ${model} wait`, { reason: "queue_full" });
    }
    this.#rows += cost;
    const since = performance.now();
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    try {
      await before;
      const startedAt = performance.now();
      const queueMs = startedAt - since;
      return { ...(await explainRow(this.#runner, row, background, call)), startedAt, queueMs };
    } finally {
      this.#rows -= cost;
      resolve();
    }
  }
}
