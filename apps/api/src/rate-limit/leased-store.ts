import { LRUCache } from "lru-cache";
import type { QuotaGrant, QuotaRequest, QuotaStore } from "./quota.ts";

/** Calls that one process holds of a caller's quota, to spend without asking. */
interface Lease {
  left: number;
  /** How many calls beyond the needed one were asked for. */
  extra: number;
  taken: number;
  until: number;
  /** How it stood where the count is kept. */
  grant: QuotaGrant;
  /** Until when at least `refusedNeed` calls are refused. */
  refusedUntil: number;
  refusedNeed: number;
}

/** How long calls may be held, in milliseconds; what is left then is lost to the caller. */
const LEASE_MS = 1000;

/** A lease that is spent sooner than this, in milliseconds, is followed by one of twice the size. */
const SOON_MS = 100;

/** Most calls held ahead, as a part of the limit: quotas below 200 are counted call by call. */
const MAX_PART = 100;

const MAX_LEASES = 100_000;

/**
 * Spends a count that is kept elsewhere, a few calls at a time: a busy caller asks there for one
 * call in many, and no process ever spends what was not granted to it.
 */
export class LeasedStore implements QuotaStore {
  readonly #store: QuotaStore;
  readonly #leases = new LRUCache<string, Lease>({ max: MAX_LEASES });
  readonly #asking = new Map<string, Promise<QuotaGrant>>();

  constructor(store: QuotaStore) {
    this.#store = store;
  }

  take(request: QuotaRequest): QuotaGrant | Promise<QuotaGrant> {
    const key = `${request.policy.name} ${request.owner}`;
    if (request.want <= 0) {
      // Calls given back may end a refusal that is remembered here.
      if (request.want < 0) this.#leases.delete(key);
      return this.#store.take(request);
    }
    return this.#spend(key, request.need) ?? this.#ask(key, request);
  }

  #spend(key: string, need: number): QuotaGrant | undefined {
    const lease = this.#leases.get(key);
    if (lease === undefined) return undefined;
    const now = performance.now();
    const { grant, left } = lease;
    if (now < lease.until && left >= need) {
      lease.left = left - need;
      return { ...grant, granted: need, remaining: grant.remaining + lease.left, retryMs: 0 };
    }
    if (now >= lease.refusedUntil || need < lease.refusedNeed) return undefined;
    return { ...grant, granted: 0, remaining: 0, retryMs: lease.refusedUntil - now };
  }

  async #ask(key: string, request: QuotaRequest): Promise<QuotaGrant> {
    // One request at a time for a caller: its grant may serve those that wait.
    for (let asked = this.#asking.get(key); asked !== undefined; asked = this.#asking.get(key)) {
      await asked.catch(() => undefined);
      const spent = this.#spend(key, request.need);
      if (spent !== undefined) return spent;
    }
    const asking = this.#renew(key, request);
    this.#asking.set(key, asking);
    try {
      return await asking;
    } finally {
      this.#asking.delete(key);
    }
  }

  async #renew(key: string, request: QuotaRequest): Promise<QuotaGrant> {
    const { policy, need } = request;
    const extra = this.#nextExtra(key, Math.floor(policy.limit / MAX_PART) - 1);
    const grant = await this.#store.take({ ...request, want: need + extra });
    const now = performance.now();
    const refused = grant.granted === 0;
    const left = refused ? 0 : grant.granted - need;
    this.#leases.set(key, {
      left,
      extra,
      taken: now,
      until: now + LEASE_MS,
      grant,
      refusedUntil: refused ? now + grant.retryMs : 0,
      refusedNeed: need,
    });
    return refused ? grant : { ...grant, granted: need, remaining: grant.remaining + left };
  }

  #nextExtra(key: string, most: number): number {
    const lease = this.#leases.get(key);
    if (lease === undefined || lease.left > 0 || most <= 0) return 0;
    const soon = performance.now() - lease.taken < SOON_MS;
    return soon ? Math.min(most, lease.extra * 2 + 1) : 0;
  }
}
