/** Thrown where a graph holds what the evaluator does not evaluate; the message names the node and the reason. */
export class NotEvaluated extends Error {
  override readonly name = "NotEvaluated";
}

/** How a number is kept: as a float32, a float64, a whole number within 2^53, or 0 and 1. */
export type Element = "float" | "double" | "integer" | "boolean";

/** Where a tensor of the graph is kept: `width` numbers a row. Register 0 holds the features. */
export interface Register {
  readonly element: Element;
  readonly width: number;
}

/** What a tree ensemble does with the sums of its leaves. */
export type PostTransform = "none" | "logistic" | "softmax" | "softmax-zero";

/** How the leaves of the trees come together. */
export type Aggregate = "sum" | "average" | "min" | "max";

/** Numbers that a tree ensemble is made of. */
export type TreeNumbers = Float32Array | Float64Array;

/**
 * A tree ensemble. Every branch asks `x <= threshold`: other comparisons are brought to this form.
 *
 * A node is its index; a leaf is its bitwise complement. Children have a higher index than their node. `missingLeft` says
 * whether NaN goes left. The weights of leaf `i` are those from `leafStarts[i]` to `leafStarts[i + 1]`, in the order in
 * which they are added.
 */
export interface TreesStep {
  readonly kind: "trees";
  readonly input: number;
  readonly output: number;
  /** Register of the class of a classifier; absent for a regressor. */
  readonly classOutput?: number;
  /** Whether weights are added in float32 or in float64. */
  readonly sums: "float" | "double";
  readonly aggregate: Aggregate;
  readonly postTransform: PostTransform;
  readonly roots: Int32Array;
  readonly features: Int32Array;
  readonly thresholds: TreeNumbers;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly missingLeft: Uint8Array;
  readonly leafStarts: Int32Array;
  readonly leafTargets: Int32Array;
  readonly leafWeights: TreeNumbers;
  readonly baseValues: TreeNumbers;
  /** What only TreeEnsembleClassifier has. */
  readonly classifier?: {
    readonly labels: Float64Array;
    /** Two classes of which one alone has weights. */
    readonly oneColumn: boolean;
    /** Whether no weight is negative. */
    readonly positive: boolean;
  };
}

/** Operators of two operands, a row at a time; an operand of width 1 stands for all columns. */
export type BinaryOperator =
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "equal"
  | "less"
  | "less-or-equal"
  | "greater"
  | "greater-or-equal"
  | "and"
  | "or"
  | "xor";

/** One operation on whole rows; registers are given by their index. */
export type Step =
  | TreesStep
  | { readonly kind: "constant"; readonly output: number; readonly values: Float64Array }
  /** Column `i` of the output is column `columns[i]` of register `inputs[i]`. */
  | {
      readonly kind: "columns";
      readonly output: number;
      readonly inputs: Int32Array;
      readonly columns: Int32Array;
    }
  /** The same number in the element type of the output: rounded to float32, truncated, or compared with 0. */
  | { readonly kind: "cast"; readonly input: number; readonly output: number }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: number;
      readonly right: number;
      readonly output: number;
    }
  | {
      readonly kind: "unary";
      readonly operator: "not" | "is-nan" | "negate";
      readonly input: number;
      readonly output: number;
    }
  | {
      readonly kind: "where";
      readonly condition: number;
      readonly left: number;
      readonly right: number;
      readonly output: number;
    }
  /** `replaced` (NaN: missing values) becomes the value of its column. */
  | {
      readonly kind: "impute";
      readonly input: number;
      readonly output: number;
      readonly replaced: number;
      readonly values: Float64Array;
    }
  /** `(x - offset) * scale`, rounded after each of the two. */
  | {
      readonly kind: "scale";
      readonly input: number;
      readonly output: number;
      readonly offsets: Float64Array;
      readonly scales: Float64Array;
    }
  /** The value of an equal key; `fallback` where there is none, or an error where that is absent. */
  | {
      readonly kind: "lookup";
      readonly input: number;
      readonly output: number;
      readonly keys: Float64Array;
      readonly values: Float64Array;
      readonly fallback?: number;
    }
  /** Columns of 0 and 1 for each column of the input, one a key; `unknown` says whether other numbers are allowed. */
  | {
      readonly kind: "one-hot";
      readonly input: number;
      readonly output: number;
      readonly keys: Float64Array;
      readonly unknown: boolean;
    }
  /** The first column with the largest, or smallest, number. */
  | {
      readonly kind: "arg";
      readonly input: number;
      readonly output: number;
      readonly smallest: boolean;
    };

/** Where the results of a model are. */
export interface Results {
  /** Register of the class, of width 1. */
  readonly class?: number;
  /** Register of the probabilities, or of the values. */
  readonly values?: number;
  /** Whether the values are probabilities, which are held within 0 and 1. */
  readonly probabilities: boolean;
}

/** A model of tree ensembles: what is done with a row, step by step. */
export interface TreesModel {
  readonly kind: "trees";
  readonly registers: readonly Register[];
  readonly steps: readonly Step[];
  readonly results: Results;
}

/** A model whose values are weighted sums of prepared columns: explained here, evaluated by ONNX Runtime. */
export interface LinearModel {
  readonly kind: "linear";
  /** Steps that prepare the columns, as of a model of trees. */
  readonly registers: readonly Register[];
  readonly steps: readonly Step[];
  /** Register of the columns. */
  readonly columns: number;
  /** Weights `[columns, outputs]`, row after row. */
  readonly weights: Float64Array;
  readonly intercepts: Float64Array;
}

/** A model in typed arrays: plain data, which can be cloned structurally. */
export type EvaluatorModel = TreesModel | LinearModel;
