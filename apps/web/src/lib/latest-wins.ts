/**
 * Runs a task for the newest input only: at most one run under way and one input waiting. A newer
 * input replaces the waiting one, so results arrive in the order of their inputs and the last
 * input always gets its result.
 *
 * Results are dropped once `restart` was called, even those that arrive afterwards.
 */
export class LatestWins<I, O> {
  readonly #run: (input: I, signal: AbortSignal) => Promise<O>;
  readonly #deliver: (output: O, input: I) => void;
  #underWay: AbortController | null = null;
  #waiting: { readonly input: I } | null = null;

  /** `run` must not reject; `deliver` gets each result that is still wanted. */
  constructor(
    run: (input: I, signal: AbortSignal) => Promise<O>,
    deliver: (output: O, input: I) => void,
  ) {
    this.#run = run;
    this.#deliver = deliver;
  }

  /** Runs an input now, or as soon as the current run has ended. */
  submit(input: I): void {
    this.#waiting = { input };
    if (this.#underWay === null) void this.#drain();
  }

  /** Drops the waiting input and the result of the current run. */
  restart(): void {
    this.#waiting = null;
    this.#underWay?.abort();
    this.#underWay = null;
  }

  async #drain(): Promise<void> {
    const controller = new AbortController();
    this.#underWay = controller;
    while (this.#waiting !== null) {
      const { input } = this.#waiting;
      this.#waiting = null;
      const output = await this.#run(input, controller.signal);
      if (controller.signal.aborted) return;
      this.#deliver(output, input);
    }
    this.#underWay = null;
  }
}
