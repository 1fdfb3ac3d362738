import type { HrTime } from "@opentelemetry/api";

/** How far the clock of `performance.now()` may drift from that of the day, in milliseconds. */
const MAX_DRIFT_MS = 5;

/** Turns readings of `performance.now()` into times of the day. */
export class SpanClock {
  #offset = performance.timeOrigin;

  /** The conversion as it is now: spans of one trace share one, so that their order is kept. */
  read(): (now: number) => HrTime {
    const wanted = Date.now() - performance.now();
    // The time of the day comes in whole milliseconds: followed closer, it would only add noise.
    if (Math.abs(wanted - this.#offset) > MAX_DRIFT_MS) this.#offset = wanted;
    const offset = this.#offset;
    return (now) => {
      const milliseconds = offset + now;
      const seconds = Math.floor(milliseconds / 1000);
      return [seconds, Math.round((milliseconds - seconds * 1000) * 1e6)];
    };
  }
}
