import type { Contract } from "@sepal/schema/define-contract";
import { resultColumns } from "@sepal/schema/result-columns";
import { SepalError } from "@sepal/schema/sepal-error";
import type { Float32Texts } from "../session/decode.ts";
import type { InferenceResult } from "../session/inference-session.ts";
import { csvCell } from "./csv-cells.ts";
import type { CsvLayout } from "./file-format.ts";

/** Texts around the numbers of a result's part of a record. */
interface ResultForm {
  /** From the input's part to the confidence, by class index. */
  readonly heads: readonly string[];
  /** Before each probability. */
  readonly probas: readonly string[];
  /** After the last one. */
  readonly end: string;
  /** The whole part of a row that has an error instead. */
  readonly failed: (error: string) => string;
}

function csvForm(contract: Contract, { delimiter, newline }: CsvLayout): ResultForm {
  const empty = delimiter.repeat(contract.classes.length + 4);
  return {
    heads: contract.classes.map(
      (label, index) => `${delimiter}${index}${delimiter}${csvCell(label, delimiter)}${delimiter}`,
    ),
    probas: contract.classes.map(() => delimiter),
    end: delimiter + newline,
    failed: (error) => `${empty}${csvCell(error, delimiter)}${newline}`,
  };
}

function ndjsonForm(contract: Contract): ResultForm {
  const names = resultColumns(contract);
  const keys = names.map((name) => `${JSON.stringify(name)}:`);
  const [classKey = "", labelKey = "", confidenceKey = "", ...rest] = keys;
  const errorKey = rest.pop() ?? "";
  const nulls = keys.slice(0, -1).map((key) => `${key}null,`);
  return {
    heads: contract.classes.map(
      (label, index) => `${classKey}${index},${labelKey}${JSON.stringify(label)},${confidenceKey}`,
    ),
    probas: rest.map((key) => `,${key}`),
    end: `,${errorKey}null}\n`,
    failed: (error) => `${nulls.join("")}${errorKey}${JSON.stringify(error)}}\n`,
  };
}

/** Writes the answers of rows behind the input's part of their records. */
export class ResultEncoder {
  readonly #form: ResultForm;
  readonly #texts: Float32Texts;

  /** `layout` is that of a CSV file; a file of JSON lines has none. */
  constructor(contract: Contract, layout: CsvLayout | undefined, texts: Float32Texts) {
    this.#texts = texts;
    this.#form = layout === undefined ? ndjsonForm(contract) : csvForm(contract, layout);
  }

  /** The part of a bad row. */
  failed(error: string): string {
    return this.#form.failed(error);
  }

  /** The part of row `row` of a result; `bits` are those of its probabilities. */
  answered({ classes, proba }: InferenceResult, bits: Uint32Array, row: number): string {
    const { heads, probas, end } = this.#form;
    const head = heads[Number(classes[row])];
    if (head === undefined) throw new SepalError("internal", "the model answered an unknown class");
    let text = "";
    let confidence = 0;
    let confidenceText = "0";
    for (let column = 0; column < probas.length; column += 1) {
      const index = row * probas.length + column;
      const value = proba[index] ?? Number.NaN;
      const number = this.#texts.textOf(value, bits[index] ?? 0);
      if (value > confidence) {
        confidence = value;
        confidenceText = number;
      }
      text += probas[column] + number;
    }
    return head + confidenceText + text + end;
  }
}
