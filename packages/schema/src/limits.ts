/** Limits of one request that the schemas state; the server's settings may change them. */
export interface RequestLimits {
  /** Most rows in one batch. */
  readonly maxBatchRows: number;
}

/** The limits of an unconfigured server. */
export const DEFAULT_LIMITS: RequestLimits = { maxBatchRows: 100_000 };

/** Most calls of one tRPC request where `MAX_CALLS` is not set. */
export const DEFAULT_MAX_CALLS = 100;

/** Rows an execution or stream event holds when the client names no `batch_size`. */
export const DEFAULT_BATCH_SIZE = 1000;
