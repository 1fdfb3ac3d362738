import type { Contract } from "@sepal/schema/define-contract";
import { resultColumns } from "@sepal/schema/result-columns";
import type { Charset } from "@sepal/schema/predict-file";
import { SepalError } from "@sepal/schema/sepal-error";
import type { Float32Texts } from "../session/decode.ts";
import type { InferenceResult } from "../session/inference-session.ts";
import { encodeJson, type ByteString } from "./charset.ts";
import { writeCell, type CellForm } from "./csv-cells.ts";

/** What stands around the numbers of a row's results. */
export interface ResultForm {
  /** Up to the confidence, by class index. */
  readonly heads: readonly ByteString[];
  /** Before each probability. */
  readonly probas: readonly ByteString[];
  /** After the last one. */
  readonly end: ByteString;
  /** Whether numbers have a decimal comma. */
  readonly comma: boolean;
  /** The results of a row that has an error instead. */
  readonly failed: (error: string) => ByteString;
}

/** The results behind the cells of a CSV row. */
export function csvResults({ classes }: Contract, form: CellForm): ResultForm {
  const { delimiter } = form;
  const empty = delimiter.repeat(classes.length + 4);
  return {
    heads: classes.map(
      (label, index) => `${delimiter}${index}${delimiter}${writeCell(label, form)}${delimiter}`,
    ),
    probas: classes.map(() => delimiter),
    end: delimiter,
    comma: form.decimal === ",",
    failed: (error) => empty + writeCell(error, form),
  };
}

/** The results before the closing brace of a JSON line, under these names or under those that they usually have. */
export function ndjsonResults(
  contract: Contract,
  charset: Charset,
  names: readonly string[] = resultColumns(contract),
): ResultForm {
  const keys = names.map((name) => `${encodeJson(name, charset)}:`);
  const [classKey = "", labelKey = "", confidenceKey = "", ...rest] = keys;
  const errorKey = rest.pop() ?? "";
  const nulls = keys.slice(0, -1).map((key) => `${key}null,`);
  return {
    heads: contract.classes.map(
      (label, index) =>
        `${classKey}${index},${labelKey}${encodeJson(label, charset)},${confidenceKey}`,
    ),
    probas: rest.map((key) => `,${key}`),
    end: `,${errorKey}null`,
    comma: false,
    failed: (error) => `${nulls.join("")}${errorKey}${encodeJson(error, charset)}`,
  };
}

/** Writes the results of row `row` of an inference; `bits` are those of its probabilities. */
export function writeResults(
  { classes, proba }: InferenceResult,
  bits: Uint32Array,
  row: number,
  { heads, probas, end, comma }: ResultForm,
  texts: Float32Texts,
): ByteString {
  const head = heads[Number(classes[row])];
  if (head === undefined) throw new SepalError("internal", "the model predicted an unknown class");
  let text = "";
  let confidence = 0;
  let confidenceText = "0";
  for (let column = 0; column < probas.length; column += 1) {
    const index = row * probas.length + column;
    const value = proba[index] ?? Number.NaN;
    const number = texts.textOf(value, bits[index] ?? 0);
    if (value > confidence) {
      confidence = value;
      confidenceText = number;
    }
    text += probas[column] + (comma ? number.replace(".", ",") : number);
  }
  return head + (comma ? confidenceText.replace(".", ",") : confidenceText) + text + end;
}
