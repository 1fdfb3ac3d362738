import { SepalError } from "@sepal/schema/sepal-error";
import type { QuotaPolicy } from "../settings/quota-settings.ts";

/** What a caller asks for. */
export interface QuotaRequest {
  readonly policy: QuotaPolicy;
  /** Whose quota, such as `key:nightly`. */
  readonly owner: string;
  /** Calls that are to be made now: all or none are granted. Negative: calls that are given back. */
  readonly need: number;
  /** Calls to grant if there are as many: at least `need`, or 0 where only `remaining` is asked for. */
  readonly want: number;
}

/** What is granted, and how it stands afterwards. */
export interface QuotaGrant {
  /** 0, or from `need` to `want`; negative where calls were given back. */
  readonly granted: number;
  /** Calls left now. */
  readonly remaining: number;
  /** Until `need` calls would be granted, in milliseconds; 0 where they were. */
  readonly retryMs: number;
  /** Until all calls are there again, in milliseconds. */
  readonly resetMs: number;
}

/** Keeps count of the calls of all callers. */
export interface QuotaStore {
  take(request: QuotaRequest): QuotaGrant | Promise<QuotaGrant>;
}

/** Spends calls of callers' quotas. */
export class Quota {
  readonly #store: QuotaStore;

  constructor(store: QuotaStore) {
    this.#store = store;
  }

  /** Spends calls of a caller, at once where the count is at hand; fails with `too_many_requests`. */
  spend(policy: QuotaPolicy, owner: string, calls: number): QuotaGrant | Promise<QuotaGrant> {
    const grant = this.#store.take({ policy, owner, need: calls, want: calls });
    if (grant instanceof Promise) return grant.then((late) => orRefuse(late, policy, calls));
    return orRefuse(grant, policy, calls);
  }

  /** Fails with `too_many_requests` where a caller has no call left; spends none. */
  async ensureLeft(policy: QuotaPolicy, owner: string): Promise<void> {
    const grant = await this.#store.take({ policy, owner, need: 1, want: 0 });
    orRefuse({ ...grant, granted: Math.min(1, grant.remaining) }, policy, 1);
  }

  /** Gives calls back that were spent for what turned out not to count. */
  async giveBack(policy: QuotaPolicy, owner: string, calls: number): Promise<void> {
    await this.#store.take({ policy, owner, need: -calls, want: -calls });
  }
}

function orRefuse(grant: QuotaGrant, policy: QuotaPolicy, calls: number): QuotaGrant {
  if (grant.granted >= calls) return grant;
  const { limit, windowMs } = policy;
  const seconds = windowMs / 1000;
  const message =
    calls > limit
      ? `a batch of ${calls} calls is more than the ${limit} allowed in ${seconds} s`
      : `more than ${limit} calls in ${seconds} s`;
  throw new SepalError("too_many_requests", message, {
    headers: {
      ...quotaHeaders(policy, grant),
      "retry-after": String(Math.max(1, Math.ceil(grant.retryMs / 1000))),
    },
    reason: "quota",
  });
}

/**
 * How a quota stands: `ratelimit` and `ratelimit-policy` as the current draft of the IETF has them
 * (draft-ietf-httpapi-ratelimit-headers-10), and the three fields of its earlier ones, which clients know.
 */
export function quotaHeaders(
  { name, limit, windowMs }: QuotaPolicy,
  { remaining, resetMs }: QuotaGrant,
): Record<string, string> {
  const reset = Math.ceil(resetMs / 1000);
  return {
    "ratelimit-policy": `"${name}";q=${limit};w=${Math.ceil(windowMs / 1000)}`,
    ratelimit: `"${name}";r=${remaining};t=${reset}`,
    "ratelimit-limit": String(limit),
    "ratelimit-remaining": String(remaining),
    "ratelimit-reset": String(reset),
  };
}
