import { shortestFloat32 } from "@sepal/schema/float32";
import { SepalError } from "@sepal/schema/sepal-error";
import type { InferenceResult } from "./inference-session.ts";

/** The answer for one row. */
export interface Prediction {
  /** Index into the contract's classes. */
  class: number;
  /** `[classes]`, each the shortest decimal of its float32. */
  proba: number[];
  confidence: number;
}

/** Reads one row of a result of `width` classes; a probability that is no number, or a class that is none, is a fault of the model. */
export function decodeRow(result: InferenceResult, row: number, width: number): Prediction {
  const proba: number[] = [];
  let confidence = 0;
  for (let index = row * width; index < (row + 1) * width; index += 1) {
    const value = result.proba[index] ?? Number.NaN;
    if (!Number.isFinite(value)) throw new SepalError("internal", "the model answered no number");
    const short = shortestFloat32(value);
    if (short > confidence) confidence = short;
    proba.push(short);
  }
  const index = Number(result.classes[row]);
  if (!(index >= 0 && index < width)) {
    throw new SepalError("internal", `the model answered class ${index}`);
  }
  return { class: index, proba, confidence };
}

/** Fails as `decodeRow` would for any of the first `rows` rows, without making their answers. */
export function mustBeAnswers(result: InferenceResult, rows: number, width: number): void {
  for (let index = 0; index < rows * width; index += 1) {
    if (!Number.isFinite(result.proba[index])) {
      throw new SepalError("internal", "the model answered no number");
    }
  }
  for (let row = 0; row < rows; row += 1) {
    const index = Number(result.classes[row]);
    if (!(index >= 0 && index < width)) {
      throw new SepalError("internal", `the model answered class ${index}`);
    }
  }
}

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
