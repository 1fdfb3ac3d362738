import type { Logger } from "pino";
import type { QuotaGrant, QuotaRequest, QuotaStore } from "./quota.ts";
import { LeasedStore } from "./leased-store.ts";
import type { QuotaSettings } from "../settings/quota-settings.ts";
import { redisStore } from "./redis-store.ts";
import { TokenBuckets } from "./token-buckets.ts";

/** How long a store that failed is left alone, in milliseconds. */
const REST_MS = 1000;

interface FailOverOptions {
  readonly first: QuotaStore;
  /** Counts while `first` fails. */
  readonly second: QuotaStore;
  readonly logger: Logger;
  /** What counts in `first`, for the log. */
  readonly name: string;
}

/** Counts in the first store, and in the second while the first fails: calls are limited even then. */
class FailOver implements QuotaStore {
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

/**
 * Where this process counts calls: in Redis for all machines, in the primary for all processes, or here.
 *
 * `primary` counts in the primary, and is absent in a process that has none.
 */
export async function openQuotaStore(
  { REDIS_URL }: Pick<QuotaSettings, "REDIS_URL">,
  logger: Logger,
  primary: QuotaStore | undefined,
): Promise<QuotaStore> {
  const own = new TokenBuckets();
  const machine =
    primary === undefined
      ? own
      : new FailOver({ first: primary, second: own, logger, name: "the primary process" });
  if (REDIS_URL === undefined) return primary === undefined ? own : new LeasedStore(machine);
  const first = await redisStore(REDIS_URL, logger);
  return new LeasedStore(new FailOver({ first, second: machine, logger, name: "Redis" }));
}
