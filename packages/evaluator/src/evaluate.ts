import {
  NotEvaluated,
  type BinaryOperator,
  type EvaluatorModel,
  type Register,
  type Step,
} from "./evaluator-model.ts";
import { BLOCK_ROWS, prepareEnsemble, type Rows } from "./tree-sums.ts";

/** What a model computed of rows. */
export interface Evaluation {
  /** Classes `[n]`; empty where the model gives none. */
  readonly classes: BigInt64Array<ArrayBuffer>;
  /** Probabilities or values `[n, outputs]`, row after row; empty for labels alone. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** A model that is ready to evaluate. */
export interface Evaluator {
  /** Numbers of a row. */
  readonly width: number;
  /** Columns of the values; 0 for labels alone. */
  readonly outputs: number;
  readonly hasClass: boolean;
  /** Evaluates `features` `[rows, width]`; a row gives the same bits whichever rows are beside it. */
  evaluate(features: Float32Array, rows: number): Evaluation;
}

type Run = (rows: number) => void;

/** The registers of a block of rows. */
export type Registers = readonly Rows[];

/** Room for a block of rows in every register. */
export function createRegisters(registers: readonly Register[]): Registers {
  return registers.map(({ element, width }) =>
    element === "float"
      ? new Float32Array(width * BLOCK_ROWS)
      : new Float64Array(width * BLOCK_ROWS),
  );
}

const OPERATORS: Readonly<Record<BinaryOperator, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  equal: (a, b) => (a === b ? 1 : 0),
  less: (a, b) => (a < b ? 1 : 0),
  "less-or-equal": (a, b) => (a <= b ? 1 : 0),
  greater: (a, b) => (a > b ? 1 : 0),
  "greater-or-equal": (a, b) => (a >= b ? 1 : 0),
  and: (a, b) => a * b,
  or: (a, b) => Math.max(a, b),
  xor: (a, b) => (a === b ? 0 : 1),
};

/** What a conversion of C++ gives on x86 for numbers that a whole number of 64 bits does not hold. */
const NO_INTEGER = -(2 ** 63);

function truncated(value: number): number {
  return Math.abs(value) < 2 ** 63 ? Math.trunc(value) + 0 : NO_INTEGER;
}

/** Prepares a step: a function that computes the first rows of its output. */
function prepare(step: Step, model: Pick<EvaluatorModel, "registers">, registers: Registers): Run {
  const widthOf = (register: number) => model.registers[register]?.width ?? 0;
  const rowsOf = (register: number) => registers[register] ?? new Float64Array(0);
  const out = rowsOf(step.output);
  const width = widthOf(step.output);
  const each = (input: number, change: (value: number, column: number) => number): Run => {
    const from = rowsOf(input);
    return (rows) => {
      for (let row = 0, at = 0; row < rows; row += 1) {
        for (let column = 0; column < width; column += 1, at += 1) {
          out[at] = change(from[at] ?? 0, column);
        }
      }
    };
  };
  switch (step.kind) {
    case "trees": {
      const { classOutput } = step;
      return prepareEnsemble(
        step,
        rowsOf(step.input),
        widthOf(step.input),
        out,
        width,
        classOutput === undefined ? undefined : rowsOf(classOutput),
      );
    }
    case "constant":
      for (let row = 0; row < BLOCK_ROWS; row += 1) out.set(step.values, row * width);
      return () => {};
    case "columns": {
      const sources = Array.from(step.inputs, rowsOf);
      const widths = Array.from(step.inputs, widthOf);
      return (rows) => {
        for (let column = 0; column < width; column += 1) {
          const from = sources[column];
          const stride = widths[column] ?? 0;
          let at = step.columns[column] ?? 0;
          for (let row = 0; row < rows; row += 1, at += stride) {
            out[row * width + column] = from?.[at] ?? 0;
          }
        }
      };
    }
    case "cast": {
      const { element } = model.registers[step.output] ?? { element: "double" };
      if (element === "integer") return each(step.input, truncated);
      if (element === "boolean") return each(step.input, (value) => (value === 0 ? 0 : 1));
      return each(step.input, (value) => value);
    }
    case "binary": {
      const operator = OPERATORS[step.operator];
      const [left, right] = [rowsOf(step.left), rowsOf(step.right)];
      const [a, b] = [widthOf(step.left), widthOf(step.right)];
      return (rows) => {
        for (let row = 0, at = 0; row < rows; row += 1) {
          for (let column = 0; column < width; column += 1, at += 1) {
            out[at] = operator(left[a === 1 ? row : at] ?? 0, right[b === 1 ? row : at] ?? 0);
          }
        }
      };
    }
    case "unary":
      if (step.operator === "not") return each(step.input, (value) => 1 - value);
      if (step.operator === "negate") return each(step.input, (value) => -value);
      return each(step.input, (value) => (Number.isNaN(value) ? 1 : 0));
    case "where": {
      const [condition, left, right] = [
        rowsOf(step.condition),
        rowsOf(step.left),
        rowsOf(step.right),
      ];
      const [c, a, b] = [widthOf(step.condition), widthOf(step.left), widthOf(step.right)];
      return (rows) => {
        for (let row = 0, at = 0; row < rows; row += 1) {
          for (let column = 0; column < width; column += 1, at += 1) {
            const holds = (condition[c === 1 ? row : at] ?? 0) !== 0;
            out[at] = (holds ? left[a === 1 ? row : at] : right[b === 1 ? row : at]) ?? 0;
          }
        }
      };
    }
    case "impute": {
      const { replaced, values } = step;
      const missing = Number.isNaN(replaced);
      return each(step.input, (value, column) =>
        value === replaced || (missing && Number.isNaN(value)) ? (values[column] ?? 0) : value,
      );
    }
    case "scale": {
      const { offsets, scales } = step;
      // A difference of float32 numbers is rounded before it is multiplied.
      return each(
        step.input,
        (value, column) => Math.fround(value - (offsets[column] ?? 0)) * (scales[column] ?? 0),
      );
    }
    case "lookup": {
      const table = new Map<number, number>();
      for (const [index, key] of step.keys.entries()) {
        if (!table.has(key)) table.set(key, step.values[index] ?? 0);
      }
      const { fallback } = step;
      return each(step.input, (value) => {
        const found = table.get(value) ?? fallback;
        if (found === undefined) throw new Error(`the model has no entry for the value ${value}`);
        return found;
      });
    }
    case "one-hot": {
      const { keys, unknown } = step;
      const from = rowsOf(step.input);
      const inputs = widthOf(step.input);
      return (rows) => {
        out.fill(0, 0, rows * width);
        for (let at = 0; at < rows * inputs; at += 1) {
          const key = keys.indexOf(from[at] ?? 0);
          if (key >= 0) out[at * keys.length + key] = 1;
          else if (!unknown) throw new Error(`the model knows no category ${from[at]}`);
        }
      };
    }
    default: {
      // "arg".
      const from = rowsOf(step.input);
      const inputs = widthOf(step.input);
      return (rows) => {
        for (let row = 0; row < rows; row += 1) {
          let best = 0;
          for (let column = 1; column < inputs; column += 1) {
            const value = from[row * inputs + column] ?? 0;
            const most = from[row * inputs + best] ?? 0;
            if (step.smallest ? value < most : value > most) best = column;
          }
          out[row] = best;
        }
      };
    }
  }
}

/** Prepares the steps of a model about registers of its own. */
export function prepareSteps(
  model: Pick<EvaluatorModel, "registers" | "steps">,
  registers: Registers,
): Run {
  const runs = model.steps
    .map((step) => ({ step, run: prepare(step, model, registers) }))
    .filter(({ step }) => step.kind !== "constant")
    .map(({ run }) => run);
  const [only] = runs;
  if (runs.length === 1 && only !== undefined) return only;
  return (rows) => {
    for (const run of runs) run(rows);
  };
}

const NO_CLASSES = new BigInt64Array(0);
const NO_VALUES = new Float32Array(0);

/** The BigInts of whole numbers; small ones are made once. */
function bigintTable(): (value: number) => bigint {
  const made: bigint[] = [];
  return (value) => {
    if (!(value >= 0 && value < 1024)) return BigInt(value);
    const known = made[value] ?? BigInt(value);
    made[value] = known;
    return known;
  };
}

/** Copies rows between arrays; few numbers one by one, which is faster than a view. */
function copy(from: Rows, start: number, to: Rows, at: number, count: number): void {
  if (count > 32) to.set(from.subarray(start, start + count), at);
  else for (let index = 0; index < count; index += 1) to[at + index] = from[start + index] ?? 0;
}

/** Prepares a model to evaluate rows; throws {@link NotEvaluated} of a linear one. Not reentrant: it has one set of registers. */
export function createEvaluator(model: EvaluatorModel): Evaluator {
  if (model.kind === "linear") throw new NotEvaluated("a linear model: explained, not evaluated");
  const registers = createRegisters(model.registers);
  const run = prepareSteps(model, registers);
  const { results } = model;
  const width = model.registers[0]?.width ?? 0;
  const outputs = results.values === undefined ? 0 : (model.registers[results.values]?.width ?? 0);
  const [input = NO_VALUES] = registers;
  const made = results.values === undefined ? NO_VALUES : (registers[results.values] ?? NO_VALUES);
  const labels = results.class === undefined ? NO_VALUES : (registers[results.class] ?? NO_VALUES);
  const hasClass = results.class !== undefined;
  const bigints = bigintTable();
  return {
    width,
    outputs,
    hasClass,
    evaluate(features, rows) {
      const values = outputs === 0 ? NO_VALUES : new Float32Array(rows * outputs);
      const classes = hasClass ? new BigInt64Array(rows) : NO_CLASSES;
      for (let start = 0; start < rows; start += BLOCK_ROWS) {
        const count = Math.min(BLOCK_ROWS, rows - start);
        copy(features, start * width, input, 0, count * width);
        run(count);
        copy(made, 0, values, start * outputs, count * outputs);
        const labeled = hasClass ? count : 0;
        for (let row = 0; row < labeled; row += 1) classes[start + row] = bigints(labels[row] ?? 0);
      }
      if (results.probabilities) {
        for (let index = 0; index < values.length; index += 1) {
          const value = values[index] ?? Number.NaN;
          // Sums of leaf weights may lie a rounding error outside; NaN stays.
          if (value > 1) values[index] = 1;
          else if (value < 0) values[index] = 0;
        }
      }
      return { classes, values };
    },
  };
}
