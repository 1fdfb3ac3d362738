import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import type { InferenceObserver } from "../session/inference-observer.ts";
import { DEADLINE_MESSAGE } from "../session/call.ts";

interface BacklogOptions {
  /** Longest estimated wait at which work is still taken, in milliseconds. */
  readonly maxWaitMs: number;
  /** Told of refusals. */
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
