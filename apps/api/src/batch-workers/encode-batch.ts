import { Float32Texts } from "@sepal/schema/float32-texts";
import type { InferenceResult } from "@sepal/schema/prediction-reader";
import { outputShape, type Contract } from "@sepal/schema/define-contract";
import { SepalError } from "@sepal/schema/sepal-error";

/** Writes rows of a result as the JSON objects of a batch's response, without making the objects. */
export class BatchEncoder {
  readonly #width: number;
  /** `{"class":0,"label":"setosa"` of each class; else `{"values":{` or `{"embedding":[` alone. */
  readonly #heads: readonly string[];
  /** Before each number of a row. */
  readonly #separators: readonly string[];
  /** Whether a row has a class. */
  readonly #hasClass: boolean;
  /** After the numbers of a row without one. */
  readonly #end: string;
  readonly #texts = new Float32Texts();

  constructor(contract: Contract) {
    const { hasClass, width } = outputShape(contract);
    this.#width = width;
    this.#hasClass = hasClass;
    this.#end = contract.task === "embedding" ? `],"dimensions":${width}}` : "}}";
    if (contract.task === "embedding") {
      this.#heads = [`{"embedding":[`];
      this.#separators = Array.from({ length: width }, (_, index) => (index === 0 ? "" : ","));
      return;
    }
    if (contract.task === "regression") {
      this.#heads = [`{"values":{`];
      this.#separators = contract.targets.map(
        ({ name }, index) => `${index === 0 ? "" : ","}${JSON.stringify(name)}:`,
      );
      return;
    }
    this.#heads = contract.classes.map(
      (label, index) =>
        `{"class":${index},"label":${JSON.stringify(label)}${width === 0 ? "}" : ',"proba":['}`,
    );
    this.#separators = contract.classes.map((_, index) => (index === 0 ? "" : ","));
  }

  /** The rows of a result, separated by commas. */
  encode(result: InferenceResult, rows: number): string {
    const width = this.#width;
    const { classes, values } = result;
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    let text = "";
    for (let row = 0; row < rows; row += 1) {
      const head = this.#heads[this.#hasClass ? Number(classes[row]) : 0];
      if (head === undefined)
        throw new SepalError("internal", "the model predicted an unknown class");
      text += row === 0 ? head : `,${head}`;
      let confidence = 0;
      let confidenceText = "0";
      for (let column = 0; column < width; column += 1) {
        const index = row * width + column;
        const value = values[index] ?? Number.NaN;
        const number = this.#texts.textOf(value, bits[index] ?? 0);
        if (value > confidence) {
          confidence = value;
          confidenceText = number;
        }
        text += this.#separators[column] + number;
      }
      if (!this.#hasClass) text += this.#end;
      else if (width > 0) text += `],"confidence":${confidenceText}}`;
    }
    return text;
  }
}
