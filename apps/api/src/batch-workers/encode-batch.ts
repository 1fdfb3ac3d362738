import { Float32Texts } from "@sepal/model/session/decode";
import type { InferenceResult } from "@sepal/model/session/inference-session";
import { SepalError } from "@sepal/schema/sepal-error";

/** Writes rows of a result as the JSON objects of a batch's response, without making the objects. */
export class RowEncoder {
  readonly #width: number;
  /** `{"class":0,"label":"setosa","proba":[` of each class. */
  readonly #heads: readonly string[];
  readonly #texts = new Float32Texts();

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
        const number = this.#texts.textOf(value, bits[index] ?? 0);
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
}
