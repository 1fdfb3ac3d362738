/** Where the process stands; readiness follows it. */
export class Lifecycle {
  #draining = false;
  #refusing = false;
  #retiring = false;
  /** True while a start is not over: the process serves, and is not ready. */
  starting = false;
  readonly #started = performance.now();

  /** True from SIGTERM on. */
  get draining(): boolean {
    return this.#draining;
  }

  /** True once new requests are no longer served. */
  get refusing(): boolean {
    return this.#refusing;
  }

  /** Seconds since the process began to serve. */
  get uptimeSeconds(): number {
    return Math.round((performance.now() - this.#started) / 1000);
  }

  /** True once connections end with their next response: draining, or making way for another process. */
  get closing(): boolean {
    return this.#draining || this.#retiring;
  }

  /** Makes way for another process: readiness stays, because the service does. */
  retire(): void {
    this.#retiring = true;
  }

  drain(): void {
    this.#draining = true;
  }

  /** Work in flight goes on; what comes from now on is refused. */
  refuse(): void {
    this.#refusing = true;
  }
}
