import cluster from "node:cluster";
import type { Logger } from "pino";
import { linkQuota } from "../processes/quota-link.ts";
import { FailOver } from "./fail-over.ts";
import { LeasedStore } from "./leased-store.ts";
import type { QuotaStore } from "./quota-policy.ts";
import type { QuotaSettings } from "./quota-settings.ts";
import { redisStore } from "./redis-store.ts";
import { TokenBuckets } from "./token-buckets.ts";

/** Where this process counts calls: in Redis for all machines, in the primary for all processes, or here. */
export async function openQuotaStore(
  { REDIS_URL }: Pick<QuotaSettings, "REDIS_URL">,
  logger: Logger,
): Promise<QuotaStore> {
  const own = new TokenBuckets();
  const machine = cluster.isWorker
    ? new FailOver({ first: linkQuota(), second: own, logger, name: "the primary process" })
    : own;
  if (REDIS_URL === undefined) return cluster.isWorker ? new LeasedStore(machine) : machine;
  const first = await redisStore(REDIS_URL, logger);
  return new LeasedStore(new FailOver({ first, second: machine, logger, name: "Redis" }));
}
