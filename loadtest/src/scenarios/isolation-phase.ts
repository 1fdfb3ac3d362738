import type { OfferedResult } from "../clients/offer-load.ts";
import type { BucketQuantile } from "../statistics/prometheus-text.ts";

/** A stretch of time under one kind of load. */
export interface Phase {
  readonly round: number;
  readonly kind: "alone" | "with batches" | "batches only";
  /** The single predictions as their client saw them; null without any. */
  readonly run: OfferedResult | null;
  /** Their p99 in seconds as the server's histogram has it. */
  readonly seenByServer: BucketQuantile | null;
  /** Longest delay of the event loop, in milliseconds. */
  readonly loopDelay: number;
  /** Batches that were answered. */
  readonly batches: number;
}
