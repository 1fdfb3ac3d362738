import type { Logger } from "pino";
import type { QuotaGrant, QuotaRequest, QuotaStore } from "./quota-policy.ts";

/** How long a store that failed is left alone, in milliseconds. */
const REST_MS = 1000;

interface FailOverOptions {
  readonly first: QuotaStore;
  /** Counts while `first` fails. */
  readonly second: QuotaStore;
  readonly logger: Logger;
  /** What counts there, for the log. */
  readonly name: string;
}

/** Counts where it should, and elsewhere while that fails: a lost counter refuses nobody. */
export class FailOver implements QuotaStore {
  readonly #options: FailOverOptions;
  #failed = false;
  #restUntil = 0;

  constructor(options: FailOverOptions) {
    this.#options = options;
  }

  async take(request: QuotaRequest): Promise<QuotaGrant> {
    const { first, second, logger, name } = this.#options;
    if (performance.now() < this.#restUntil) return second.take(request);
    try {
      const grant = await first.take(request);
      if (this.#failed) logger.info(`${name} counts calls again`);
      this.#failed = false;
      return grant;
    } catch (error) {
      if (!this.#failed) {
        const reason = error instanceof Error ? error.message : String(error);
        logger.error({ reason }, `${name} does not count calls: they are counted closer by`);
      }
      this.#failed = true;
      this.#restUntil = performance.now() + REST_MS;
      return second.take(request);
    }
  }
}
