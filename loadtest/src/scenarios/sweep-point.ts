import type { OfferedResult } from "../clients/offer-load.ts";

/** One offered rate and what became of it. */
export interface SweepPoint extends OfferedResult {
  readonly share: number;
  /** Requests a second. */
  readonly offered: number;
  readonly seconds: number;
}
