import { shortestFloat32 } from "./float32.ts";
import { SepalError } from "./sepal-error.ts";

/** Slots of the table; a power of two. */
const SLOTS = 4096;

/** Texts of probabilities: trees repeat a few values, and a look-up takes 7 ns, formatting 58. */
export class Float32Texts {
  readonly #keys = new Float32Array(SLOTS).fill(Number.NaN);
  readonly #texts: string[] = Array.from({ length: SLOTS }, () => "");

  /** The shortest decimal of a float32 with these `bits`; one that is no finite number is a fault of the model. */
  textOf(value: number, bits: number): string {
    const slot = (Math.imul(bits, 0x9e3779b1) >>> 20) & (SLOTS - 1);
    const known = this.#texts[slot];
    if (this.#keys[slot] === value && known !== undefined) return known;
    if (!Number.isFinite(value))
      throw new SepalError("internal", "the model returned no finite number");
    const text = String(shortestFloat32(value));
    this.#keys[slot] = value;
    this.#texts[slot] = text;
    return text;
  }
}
