import { classLabels, outputShape, type Contract } from "../define-contract.ts";
import { resultColumns } from "../result-columns.ts";
import type { Charset } from "../predict-file.ts";
import { SepalError } from "../sepal-error.ts";
import type { Float32Texts } from "../float32-texts.ts";
import type { ByteString } from "./bytes.ts";
import { encodeJson } from "./charset.ts";
import { writeCell, type CellForm } from "./csv-cells.ts";

/** What stands around the numbers of a row's results. */
export interface ResultForm {
  /** Up to the first number, by class index; none where no class is predicted. */
  readonly heads: readonly ByteString[];
  /** Whether the largest number stands before all, as the confidence. */
  readonly confidence: boolean;
  /** Before each number. */
  readonly separators: readonly ByteString[];
  /** After the last one. */
  readonly end: ByteString;
  /** Whether numbers have a decimal comma. */
  readonly comma: boolean;
  /** The results of a row that has an error instead. */
  readonly failed: (error: string) => ByteString;
}

/** The results behind the cells of a CSV row. */
export function csvResults(contract: Contract, form: CellForm): ResultForm {
  const { delimiter } = form;
  const { hasClass, width } = outputShape(contract);
  const empty = delimiter.repeat(resultColumns(contract).length);
  if (contract.task === "embedding") return csvVectors(width, form);
  const confidence = hasClass && width > 0;
  return {
    heads: classLabels(contract).map((label, index) => {
      const cells = `${delimiter}${index}${delimiter}${writeCell(label, form)}`;
      return confidence ? cells + delimiter : cells;
    }),
    confidence,
    separators: Array.from({ length: width }, () => delimiter),
    end: delimiter,
    comma: form.decimal === ",",
    failed: (error) => empty + writeCell(error, form),
  };
}

/** A vector as one cell: a JSON list, whose numbers have a point in every dialect. */
function csvVectors(width: number, form: CellForm): ResultForm {
  const { delimiter } = form;
  return {
    heads: [],
    confidence: false,
    separators: Array.from({ length: width }, (_, index) => (index === 0 ? `${delimiter}"[` : ",")),
    end: `]"${delimiter}`,
    comma: false,
    failed: (error) => delimiter.repeat(2) + writeCell(error, form),
  };
}

/** The results before the closing brace of a JSON line, under these names or under those that they usually have. */
export function ndjsonResults(
  contract: Contract,
  charset: Charset,
  names: readonly string[] = resultColumns(contract),
): ResultForm {
  const { hasClass, width } = outputShape(contract);
  const keys = names.map((name) => `${encodeJson(name, charset)}:`);
  const numbers = keys.slice(-1 - width, -1);
  const errorKey = keys.at(-1) ?? "";
  const [firstKey = ""] = keys;
  const nulls = keys.slice(0, -1).map((key) => `${key}null,`);
  const failed = (error: string) => `${nulls.join("")}${errorKey}${encodeJson(error, charset)}`;
  if (contract.task === "embedding") {
    return {
      heads: [],
      confidence: false,
      separators: Array.from({ length: width }, (_, index) => (index === 0 ? `${firstKey}[` : ",")),
      end: `],${errorKey}null`,
      comma: false,
      failed,
    };
  }
  const [classKey = "", labelKey = "", confidenceKey = ""] = keys;
  const confidence = hasClass && width > 0;
  return {
    heads: classLabels(contract).map((label, index) => {
      const head = `${classKey}${index},${labelKey}${encodeJson(label, charset)}`;
      return confidence ? `${head},${confidenceKey}` : head;
    }),
    confidence,
    separators: numbers.map((key, index) => (index === 0 && !hasClass ? key : `,${key}`)),
    end: `,${errorKey}null`,
    comma: false,
    failed,
  };
}

/** Predictions of some rows. */
export interface Predictions {
  /** Class indices `[n]`; empty but for a classification. */
  readonly classes: BigInt64Array | Uint16Array;
  /** Probabilities `[n, classes]`, targets `[n, targets]` or vectors `[n, dimensions]`, row after row. */
  readonly values: Float32Array;
}

/** Writes the results of row `row`; `bits` are those of the values. */
export function writeResults(
  { classes, values }: Predictions,
  bits: Uint32Array,
  row: number,
  { heads, confidence: hasConfidence, separators, end, comma }: ResultForm,
  texts: Float32Texts,
): ByteString {
  const head = heads.length === 0 ? "" : heads[Number(classes[row])];
  if (head === undefined) throw new SepalError("internal", "the model predicted an unknown class");
  let text = "";
  let confidence = 0;
  let confidenceText = "0";
  for (let column = 0; column < separators.length; column += 1) {
    const index = row * separators.length + column;
    const value = values[index] ?? Number.NaN;
    const number = texts.textOf(value, bits[index] ?? 0);
    if (value > confidence) {
      confidence = value;
      confidenceText = number;
    }
    text += separators[column] + (comma ? number.replace(".", ",") : number);
  }
  if (!hasConfidence) return head + text + end;
  return head + (comma ? confidenceText.replace(".", ",") : confidenceText) + text + end;
}
