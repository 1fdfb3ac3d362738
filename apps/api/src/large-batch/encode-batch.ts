import type { InferenceResult } from "@sepal/model/inference-session";
import { shortestFloat32 } from "@sepal/schema/float32";
import { SepalError } from "@sepal/schema/sepal-error";

/** Slots of the table of number texts; a power of two. */
const SLOTS = 4096;

/** Writes rows of a result as the JSON objects of a batch's answer, without making the objects. */
export class RowEncoder {
  readonly #width: number;
  /** `{"class":0,"label":"setosa","proba":[` of each class. */
  readonly #heads: readonly string[];
  readonly #keys = new Float32Array(SLOTS).fill(Number.NaN);
  readonly #texts: string[] = Array.from({ length: SLOTS }, () => "");

  constructor(classes: readonly string[]) {
    this.#width = classes.length;
    this.#heads = classes.map(
      (label, index) => `{"class":${index},"label":${JSON.stringify(label)},"proba":[`,
    );
  }

  /** The rows of a result, separated by commas. */
  encode(result: InferenceResult, rows: number): string {
    const width = this.#width;
    const { classes, proba } = result;
    const bits = new Uint32Array(proba.buffer, proba.byteOffset, proba.length);
    let text = "";
    for (let row = 0; row < rows; row += 1) {
      const head = this.#heads[Number(classes[row])];
      if (head === undefined)
        throw new SepalError("internal", "the model answered an unknown class");
      text += row === 0 ? head : `,${head}`;
      let confidence = 0;
      let confidenceText = "0";
      for (let column = 0; column < width; column += 1) {
        const index = row * width + column;
        const value = proba[index] ?? Number.NaN;
        const number = this.#numberText(value, bits[index] ?? 0);
        if (value > confidence) {
          confidence = value;
          confidenceText = number;
        }
        text += column === 0 ? number : `,${number}`;
      }
      text += `],"confidence":${confidenceText}}`;
    }
    return text;
  }

  /** Trees answer the same few numbers over and over: a look-up takes 7 ns, making the text 58. */
  #numberText(value: number, bits: number): string {
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
