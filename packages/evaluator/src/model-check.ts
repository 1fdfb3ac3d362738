import {
  NotEvaluated,
  type Aggregate,
  type BinaryOperator,
  type Element,
  type EvaluatorModel,
  type PostTransform,
  type Register,
  type Step,
  type TreeNumbers,
  type TreesStep,
} from "./evaluator-model.ts";

/** An object of JSON. */
export type Fields = Readonly<Record<string, unknown>>;

type Numbers = Uint8Array | Int32Array | Float32Array | Float64Array;

/** Most numbers of a row over all registers: a block of rows of them is allocated. */
const MOST_WIDTH = 100_000;

const MOST_REGISTERS = 10_000;

const ELEMENTS: readonly Element[] = ["float", "double", "integer", "boolean"];
const AGGREGATES: readonly Aggregate[] = ["sum", "average", "min", "max"];
const POST_TRANSFORMS: readonly PostTransform[] = ["none", "logistic", "softmax", "softmax-zero"];
const OPERATORS: readonly BinaryOperator[] = [
  "add",
  "subtract",
  "multiply",
  "divide",
  "equal",
  "less",
  "less-or-equal",
  "greater",
  "greater-or-equal",
  "and",
  "or",
  "xor",
];
const UNARY = ["not", "is-nan", "negate"] as const;
const SUMS = ["float", "double"] as const;

function fail(what: string): never {
  throw new NotEvaluated(what);
}

/** Fields of one object, checked as they are taken. */
class Checked {
  readonly #fields: Fields;
  readonly #where: string;
  readonly #arrays: readonly Numbers[];

  constructor(value: unknown, where: string, arrays: readonly Numbers[]) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      fail(`${where} is not an object`);
    }
    this.#fields = Object.fromEntries(Object.entries(value));
    this.#where = where;
    this.#arrays = arrays;
  }

  get(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  inner(name: string): Checked {
    return new Checked(this.get(name), `${this.#where}.${name}`, this.#arrays);
  }

  list(name: string, most: number): Checked[] {
    const value = this.get(name);
    if (!Array.isArray(value) || value.length > most) fail(`${this.#where}.${name} is not a list`);
    return value.map(
      (each: unknown, index) => new Checked(each, `${this.#where}.${name}.${index}`, this.#arrays),
    );
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const value = this.get(name);
    return values.find((each) => each === value) ?? fail(`${this.#where}.${name} is unknown`);
  }

  flag(name: string): boolean {
    const value = this.get(name);
    return typeof value === "boolean" ? value : fail(`${this.#where}.${name} is not a boolean`);
  }

  /** A whole number from 0 on, below a bound. */
  index(name: string, bound: number): number {
    const value = this.get(name);
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value >= bound) {
      fail(`${this.#where}.${name} is not a whole number below ${bound}`);
    }
    return value;
  }

  number(name: string): number {
    const value = this.get(name);
    if (typeof value === "number") return value;
    const text = this.inner(name).get("number");
    return typeof text === "string" ? Number(text) : fail(`${this.#where}.${name} is not a number`);
  }

  #array(name: string): Numbers {
    const index = this.inner(name).index("array", this.#arrays.length);
    return this.#arrays[index] ?? fail(`${this.#where}.${name} is not an array`);
  }

  #typed<T>(name: string, is: (array: Numbers) => array is T & Numbers, length?: number): T {
    const array = this.#array(name);
    if (!is(array)) return fail(`${this.#where}.${name} has another type`);
    if (length !== undefined && array.length !== length) {
      fail(`${this.#where}.${name} has ${array.length} numbers instead of ${length}`);
    }
    return array;
  }

  doubles(name: string, length?: number): Float64Array {
    return this.#typed(
      name,
      (array): array is Float64Array => array instanceof Float64Array,
      length,
    );
  }

  integers(name: string, length?: number): Int32Array {
    return this.#typed(name, (array): array is Int32Array => array instanceof Int32Array, length);
  }

  bytes(name: string, length?: number): Uint8Array {
    return this.#typed(name, (array): array is Uint8Array => array instanceof Uint8Array, length);
  }

  /** Numbers of the precision of an ensemble. */
  treeNumbers(name: string, sums: "float" | "double", length?: number): TreeNumbers {
    if (sums === "double") return this.doubles(name, length);
    return this.#typed(
      name,
      (array): array is Float32Array => array instanceof Float32Array,
      length,
    );
  }

  /** Whole numbers that all are places below a bound. */
  places(name: string, bound: number, length?: number): Int32Array {
    const array = this.integers(name, length);
    for (const place of array) {
      if (place < 0 || place >= bound) fail(`${this.#where}.${name} leads outside`);
    }
    return array;
  }
}

function treesFrom(fields: Checked, outputs: number, columns: number) {
  const sums = fields.oneOf("sums", SUMS);
  const features = fields.places("features", columns);
  const nodes = features.length;
  const leafStarts = fields.integers("leafStarts");
  const leaves = leafStarts.length - 1;
  const leafTargets = fields.places("leafTargets", outputs);
  if (leaves < 0 || leafStarts[0] !== 0 || leafStarts[leaves] !== leafTargets.length) {
    fail("the weights of leaves are not those that are there");
  }
  for (let leaf = 0; leaf < leaves; leaf += 1) {
    if ((leafStarts[leaf] ?? 0) > (leafStarts[leaf + 1] ?? 0)) fail("leaves are not in order");
  }
  const [left, right] = [fields.integers("left", nodes), fields.integers("right", nodes)];
  const leads = (child: number, after: number) =>
    child < 0 ? ~child < leaves : child > after && child < nodes;
  for (const children of [left, right]) {
    for (let node = 0; node < nodes; node += 1) {
      if (!leads(children[node] ?? 0, node)) fail("a branch leads back or outside");
    }
  }
  const roots = fields.integers("roots");
  if (!roots.every((root) => leads(root, -1))) fail("a root is not there");
  const baseValues = fields.treeNumbers("baseValues", sums);
  const single = fields.has("classifier") && outputs === 2 && baseValues.length === 1;
  if (baseValues.length !== 0 && baseValues.length !== outputs && !single) {
    fail("base values of other sums");
  }
  return {
    sums,
    aggregate: fields.oneOf("aggregate", AGGREGATES),
    postTransform: fields.oneOf("postTransform", POST_TRANSFORMS),
    roots,
    features,
    thresholds: fields.treeNumbers("thresholds", sums, nodes),
    left,
    right,
    missingLeft: fields.bytes("missingLeft", nodes),
    leafStarts,
    leafTargets,
    leafWeights: fields.treeNumbers("leafWeights", sums, leafTargets.length),
    baseValues,
  };
}

function classifierFrom(fields: Checked, outputs: number): NonNullable<TreesStep["classifier"]> {
  const classifier = fields.inner("classifier");
  const labels = classifier.doubles("labels", outputs);
  if (outputs < 2) fail("a classifier of less than two classes");
  return {
    labels,
    oneColumn: classifier.flag("oneColumn"),
    positive: classifier.flag("positive"),
  };
}

/** Reads steps; each takes registers that earlier ones have made. */
class StepReader {
  readonly steps: Step[] = [];
  readonly #registers: readonly Register[];
  readonly #made = new Set([0]);

  constructor(registers: readonly Register[]) {
    this.#registers = registers;
  }

  made(fields: Checked, name: string): number {
    const register = fields.index(name, this.#registers.length);
    return this.#made.has(register) ? register : fail(`register ${register} is not made yet`);
  }

  width(register: number): number {
    return this.#registers[register]?.width ?? 0;
  }

  #output(fields: Checked, name: string): number {
    const register = fields.index(name, this.#registers.length);
    if (this.#made.has(register)) fail(`register ${register} is made twice`);
    return register;
  }

  /** An operand that is as wide as the output, or stands for all of its columns. */
  #operand(fields: Checked, name: string, width: number): number {
    const register = this.made(fields, name);
    const own = this.width(register);
    return own === width || own === 1 ? register : fail("operands of different widths");
  }

  #same(fields: Checked, output: number): number {
    const input = this.made(fields, "input");
    return this.width(input) === this.width(output) ? input : fail("a step of another width");
  }

  read(fields: Checked): void {
    const output = this.#output(fields, "output");
    const width = this.width(output);
    const step = this.#step(fields, output, width);
    this.#made.add(output);
    if (step.kind === "trees" && step.classOutput !== undefined) this.#made.add(step.classOutput);
    this.steps.push(step);
  }

  #step(fields: Checked, output: number, width: number): Step {
    const kind = fields.oneOf("kind", [
      "trees",
      "constant",
      "columns",
      "cast",
      "binary",
      "unary",
      "where",
      "impute",
      "scale",
      "lookup",
      "one-hot",
      "arg",
    ]);
    switch (kind) {
      case "trees": {
        const input = this.made(fields, "input");
        const trees = treesFrom(fields, width, this.width(input));
        if (!fields.has("classifier")) return { kind, input, output, ...trees };
        const classOutput = this.#output(fields, "classOutput");
        if (classOutput === output || this.width(classOutput) !== 1) fail("a class of no width");
        const classifier = classifierFrom(fields, width);
        return { kind, input, output, classOutput, ...trees, classifier };
      }
      case "constant":
        return { kind, output, values: fields.doubles("values", width) };
      case "columns": {
        const inputs = fields.places("inputs", this.#registers.length, width);
        const columns = fields.integers("columns", width);
        for (const [index, input] of inputs.entries()) {
          const column = columns[index] ?? -1;
          if (!this.#made.has(input) || column < 0 || column >= this.width(input)) {
            fail("a column that is not there");
          }
        }
        return { kind, output, inputs, columns };
      }
      case "cast":
        return { kind, input: this.#same(fields, output), output };
      case "binary": {
        const left = this.#operand(fields, "left", width);
        const right = this.#operand(fields, "right", width);
        return { kind, operator: fields.oneOf("operator", OPERATORS), left, right, output };
      }
      case "unary": {
        const operator = fields.oneOf("operator", UNARY);
        return { kind, operator, input: this.#same(fields, output), output };
      }
      case "where": {
        const condition = this.#operand(fields, "condition", width);
        const left = this.#operand(fields, "left", width);
        return { kind, condition, left, right: this.#operand(fields, "right", width), output };
      }
      case "impute": {
        const input = this.#same(fields, output);
        const replaced = fields.number("replaced");
        return { kind, input, output, replaced, values: fields.doubles("values", width) };
      }
      case "scale": {
        const input = this.#same(fields, output);
        const offsets = fields.doubles("offsets", width);
        return { kind, input, output, offsets, scales: fields.doubles("scales", width) };
      }
      case "lookup": {
        const input = this.#same(fields, output);
        const keys = fields.doubles("keys");
        const values = fields.doubles("values", keys.length);
        const fallback = fields.has("fallback") ? { fallback: fields.number("fallback") } : {};
        return { kind, input, output, keys, values, ...fallback };
      }
      case "one-hot": {
        const input = this.made(fields, "input");
        const keys = fields.doubles("keys");
        if (keys.length * this.width(input) !== width) fail("categories of another width");
        return { kind, input, output, keys, unknown: fields.flag("unknown") };
      }
      default: {
        const input = this.made(fields, "input");
        if (width !== 1) fail("a place of several columns");
        return { kind, input, output, smallest: fields.flag("smallest") };
      }
    }
  }
}

function registersFrom(fields: Checked): Register[] {
  let total = 0;
  const registers = fields.list("registers", MOST_REGISTERS).map((register) => {
    const width = register.index("width", MOST_WIDTH + 1);
    total += width;
    if (width === 0 || total > MOST_WIDTH) fail(`rows of more than ${MOST_WIDTH} numbers`);
    return { element: register.oneOf("element", ELEMENTS), width };
  });
  return registers[0]?.element === "float" ? registers : fail("its features are not float32");
}

/** The model in plain data of unknown origin, whose arrays are given beside it; throws where it is none. */
export function modelFrom(value: unknown, arrays: readonly Numbers[]): EvaluatorModel {
  const fields = new Checked(value, "model", arrays);
  const kind = fields.oneOf("kind", ["trees", "linear"]);
  const registers = registersFrom(fields);
  const reader = new StepReader(registers);
  for (const step of fields.list("steps", MOST_REGISTERS)) reader.read(step);
  const { steps } = reader;
  if (kind === "linear") {
    const columns = reader.made(fields, "columns");
    const intercepts = fields.doubles("intercepts");
    const weights = fields.doubles("weights", reader.width(columns) * intercepts.length);
    return { kind, registers, steps, columns, weights, intercepts };
  }
  const results = fields.inner("results");
  const label = results.has("class") ? { class: reader.made(results, "class") } : {};
  const values = results.has("values") ? { values: reader.made(results, "values") } : {};
  if (label.class !== undefined && reader.width(label.class) !== 1) fail("a class of no width");
  return {
    kind,
    registers,
    steps,
    results: { ...label, ...values, probabilities: results.flag("probabilities") },
  };
}
