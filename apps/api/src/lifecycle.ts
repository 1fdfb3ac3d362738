/** Where the process stands; readiness follows it. */
export class Lifecycle {
  #draining = false;
  readonly #started = performance.now();

  /** True from SIGTERM on. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Seconds since the process began to serve. */
  get uptimeSeconds(): number {
    return Math.round((performance.now() - this.#started) / 1000);
  }

  drain(): void {
    this.#draining = true;
  }
}
