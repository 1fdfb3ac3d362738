/** Weight of the newest sample. */
const NEWEST = 0.1;

/** An exponentially weighted moving average: the first sample as it is, then a tenth of each new one. */
export class MovingAverage {
  #value = 0;

  /** 0 until the first sample. */
  get value(): number {
    return this.#value;
  }

  /** Takes a sample in. */
  add(sample: number): void {
    this.#value = this.#value === 0 ? sample : this.#value + NEWEST * (sample - this.#value);
  }
}
