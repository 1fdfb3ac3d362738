/** How often a worker that lives sends something, in milliseconds: its metrics. */
export const SIGN_OF_LIFE_MS = 1000;

interface WatchdogOptions {
  /** Longest silence, in milliseconds. */
  readonly patienceMs: number;
  /** Called once for a process that has been silent for longer. */
  readonly silent: (id: number) => void;
}

/** Finds server processes that live and do nothing: stopped, stuck in a loop, or waiting for a disk that hangs. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  /** Looks since a process was heard; counted, so that time in which the primary itself stood still does not count. */
  readonly #looks = new Map<number, number>();

  constructor(options: WatchdogOptions) {
    this.#options = options;
    setInterval(() => this.#look(), SIGN_OF_LIFE_MS).unref();
  }

  /** A process has sent a message; from the first one on it is watched. */
  heartbeat(id: number): void {
    this.#looks.set(id, 0);
  }

  /** A process has ended. */
  leave(id: number): void {
    this.#looks.delete(id);
  }

  #look(): void {
    for (const [id, looks] of this.#looks) {
      this.#looks.set(id, looks + 1);
      if (looks * SIGN_OF_LIFE_MS < this.#options.patienceMs) continue;
      this.#looks.delete(id);
      this.#options.silent(id);
    }
  }
}
