/**
 * Runs a task for the newest input only: at most one run under way and one input waiting. A newer
 * input replaces the waiting one, so answers arrive in the order of their inputs and the last
 * input always gets its answer.
 *
 * Answers are dropped once `restart` was called, even those that arrive afterwards.
 */
export class LatestWins<I, O> {
  readonly #run: (input: I, signal: AbortSignal) => Promise<O>;
  readonly #deliver: (output: O, input: I) => void;
  #underWay: AbortController | null = null;
  #waiting: { readonly input: I } | null = null;

  /** `run` must not reject; `deliver` gets each answer that is still wanted. */
  constructor(
    run: (input: I, signal: AbortSignal) => Promise<O>,
    deliver: (output: O, input: I) => void,
  ) {
    this.#run = run;
    this.#deliver = deliver;
  }

  /** Asks for an input's answer, now or as soon as the run under way has ended. */
  submit(input: I): void {
    this.#waiting = { input };
    if (this.#underWay === null) void this.#drain();
  }

  /** Forgets what is waiting and what is under way: its answer would be about something else. */
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
