import type { OpenLoadResult } from "./open-loop.ts";

/** One offered rate and what became of it. */
export interface SweepPoint extends OpenLoadResult {
  readonly share: number;
  /** Requests a second. */
  readonly offered: number;
  readonly seconds: number;
  readonly clientCpu: number | null;
}
