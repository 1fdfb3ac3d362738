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
