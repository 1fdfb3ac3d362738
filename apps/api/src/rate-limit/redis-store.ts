import type { Logger } from "pino";
import type { QuotaGrant, QuotaRequest, QuotaStore } from "./quota.ts";
import { withTimeout } from "../with-timeout.ts";

/** Longest wait for Redis, in milliseconds: more would cost the caller more than a wrong count. */
const PATIENCE_MS = 200;

const CONNECT_TIMEOUT_MS = 2000;
const MAX_RECONNECT_DELAY_MS = 1000;

/** The same algorithm as `TokenBuckets`, on the clock of Redis, in one step. */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local need, want = tonumber(ARGV[3]), tonumber(ARGV[4])
local each = window / limit
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
full = math.min(full, now + window)
local available = math.floor((window - (full - now)) / each + 1e-6)
local granted = 0
if available >= need then granted = math.min(want, available) end
local reset = full - now + granted * each
if granted ~= 0 then
  redis.call('SET', KEYS[1], string.format('%.3f', now + reset), 'PX', math.max(1, math.ceil(reset) + 1))
end
return { granted, available - granted, math.ceil(reset) }
`;

function isReply(reply: unknown): reply is [number, number, number] {
  return Array.isArray(reply) && reply.length === 3 && reply.every(Number.isFinite);
}

/** Counts calls in Redis, for all machines; each take fails while Redis does not respond. */
export async function redisStore(url: string, logger: Logger): Promise<QuotaStore> {
  // Where no Redis is named, its client is not loaded.
  const { createClient } = await import("@redis/client");
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, MAX_RECONNECT_DELAY_MS),
    },
  });
  // Each failure is logged where a count fails; without a listener one would end the process.
  client.on("error", (error: unknown) => logger.debug({ err: error }, "redis"));
  void client.connect().catch(() => undefined);
  return {
    async take({ policy, owner, need, want }: QuotaRequest): Promise<QuotaGrant> {
      const { name, limit, windowMs } = policy;
      if (!client.isReady) throw new Error("there is no connection to Redis");
      const reply = await withTimeout(
        client.eval(TAKE, {
          keys: [`sepal:quota:${name}:${owner}`],
          arguments: [limit, windowMs, need, want].map(String),
        }),
        PATIENCE_MS,
        () => new Error("Redis did not respond in time"),
      );
      if (!isReply(reply)) throw new Error("Redis returned an unexpected reply");
      const [granted, remaining, resetMs] = reply;
      const retryMs = granted > 0 ? 0 : Math.max(0, resetMs + (need * windowMs) / limit - windowMs);
      return { granted, remaining, retryMs, resetMs };
    },
  };
}
