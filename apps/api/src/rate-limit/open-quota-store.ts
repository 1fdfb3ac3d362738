import type { Logger } from "pino";
import { FailOver } from "./fail-over.ts";
import { LeasedStore } from "./leased-store.ts";
import type { QuotaStore } from "./quota-policy.ts";
import type { QuotaSettings } from "../settings/quota-settings.ts";
import { redisStore } from "./redis-store.ts";
import { TokenBuckets } from "./token-buckets.ts";

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
