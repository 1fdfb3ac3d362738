import {
  NotEvaluated,
  type BinaryOperator,
  type Element,
  type LinearModel,
  type Register,
  type Results,
  type Step,
  type TreesModel,
} from "./evaluator-model.ts";
import { ELEMENT } from "./onnx/onnx-fields.ts";
import {
  Attributes,
  readOnnxModel,
  type ReadModel,
  type ReadNode,
  type ReadTensor,
} from "./onnx/read-onnx.ts";
import { readTrees } from "./read-trees.ts";

/** A tensor of rows: texts are kept as their place in a list of all texts. */
interface RowTensor {
  readonly register: number;
  /** One of ELEMENT. */
  readonly element: number;
  /** `[n, width]`, `[n]` or `[1, n]`. */
  readonly shape: "matrix" | "vector" | "transposed";
  readonly width: number;
}

type Value = RowTensor | ReadTensor;

function isRows(value: Value): value is RowTensor {
  return "register" in value;
}

function refuse(why: string): never {
  throw new NotEvaluated(why);
}

const KEPT_AS: Readonly<Record<number, Element>> = {
  [ELEMENT.float]: "float",
  [ELEMENT.double]: "double",
  [ELEMENT.int64]: "integer",
  [ELEMENT.string]: "integer",
  [ELEMENT.bool]: "boolean",
};

/** Why operators that could be evaluated are not. */
const PROCESSOR_DEPENDENT = "ONNX Runtime computes it differently from processor to processor";

const REASONS: Readonly<Record<string, string>> = {
  Gemm: PROCESSOR_DEPENDENT,
  MatMul: PROCESSOR_DEPENDENT,
  LinearClassifier: PROCESSOR_DEPENDENT,
  LinearRegressor: PROCESSOR_DEPENDENT,
  Softmax: PROCESSOR_DEPENDENT,
  Sigmoid: PROCESSOR_DEPENDENT,
};

const FLOATS = [ELEMENT.float, ELEMENT.double] as const;

/** One node, with the values of its inputs. */
class NodeReader {
  readonly node: ReadNode;
  readonly attributes: Attributes;
  readonly #values: readonly (Value | undefined)[];

  constructor(node: ReadNode, values: readonly (Value | undefined)[]) {
    this.node = node;
    this.attributes = new Attributes(node);
    this.#values = values;
  }

  get count(): number {
    return this.#values.length;
  }

  value(index: number): Value {
    return this.#values[index] ?? refuse(`no input ${index}`);
  }

  optional(index: number): Value | undefined {
    return this.#values[index];
  }

  rows(index: number): RowTensor {
    const value = this.value(index);
    return isRows(value) ? value : refuse(`input ${index} is a constant`);
  }

  matrix(index: number): RowTensor {
    const value = this.rows(index);
    return value.shape === "matrix" ? value : refuse(`input ${index} is not [n, columns]`);
  }

  constant(index: number): ReadTensor {
    const value = this.value(index);
    return isRows(value) ? refuse(`input ${index} is not a constant`) : value;
  }

  /** Whole numbers of an attribute or, in newer versions, of an input. */
  numbers(name: string, index: number): readonly number[] | undefined {
    if (this.attributes.has(name)) return [...this.attributes.integers(name)];
    const value = this.optional(index);
    return value === undefined ? undefined : [...this.constant(index).values];
  }

  axis(columns: boolean, fallback: number): void {
    const axis = this.attributes.integer("axis", fallback);
    if (columns ? axis !== 1 && axis !== -1 : axis !== 0) refuse(`axis ${axis}`);
  }
}

/** Reads the nodes of a graph into steps. */
class GraphReader {
  readonly registers: Register[] = [];
  readonly steps: Step[] = [];
  readonly values = new Map<string, Value>();
  readonly #model: ReadModel;
  readonly #texts = new Map<string, number>();

  constructor(model: ReadModel) {
    this.#model = model;
    for (const [name, tensor] of model.initializers) this.values.set(name, tensor);
    const [input] = model.inputs;
    if (
      model.inputs.length !== 1 ||
      input === undefined ||
      input.name !== "features" ||
      input.element !== ELEMENT.float ||
      input.width < 1
    ) {
      refuse("its input is not features FLOAT [n, columns]");
    }
    this.values.set(input.name, this.allocate(ELEMENT.float, input.width));
  }

  allocate(element: number, width: number, shape: RowTensor["shape"] = "matrix"): RowTensor {
    const kept = KEPT_AS[element] ?? refuse(`element type ${element}`);
    this.registers.push({ element: kept, width });
    return { register: this.registers.length - 1, element, shape, width };
  }

  textId(text: string): number {
    const id = this.#texts.get(text) ?? this.#texts.size;
    this.#texts.set(text, id);
    return id;
  }

  numbersOf(tensor: ReadTensor): Float64Array {
    return tensor.element === ELEMENT.string
      ? Float64Array.from(tensor.texts, (text) => this.textId(text))
      : tensor.values;
  }

  /** A constant as columns of every row; `[columns]`, `[1, columns]` or a single number. */
  spread(tensor: ReadTensor): RowTensor {
    const { dims, element } = tensor;
    const width = dims.at(-1) ?? 1;
    if (dims.length > 2 || (dims.length === 2 && dims[0] !== 1))
      refuse("a constant of several rows");
    const out = this.allocate(element, width);
    this.steps.push({ kind: "constant", output: out.register, values: this.numbersOf(tensor) });
    return out;
  }

  columns(parts: readonly (readonly [RowTensor, number])[], shape: RowTensor["shape"] = "matrix") {
    const [[first] = []] = parts;
    if (first === undefined) refuse("no columns");
    const whole =
      parts.length === first.width &&
      parts.every(([from, column], index) => from === first && column === index);
    if (whole) return { ...first, shape };
    const out = this.allocate(first.element, parts.length, shape);
    this.steps.push({
      kind: "columns",
      output: out.register,
      inputs: Int32Array.from(parts, ([{ register }]) => register),
      columns: Int32Array.from(parts, ([, column]) => column),
    });
    return out;
  }

  cast(value: RowTensor, element: number): RowTensor {
    if (value.element === element) return value;
    if (value.element === ELEMENT.string || element === ELEMENT.string) refuse("a cast of texts");
    const out = this.allocate(element, value.width, value.shape);
    this.steps.push({ kind: "cast", input: value.register, output: out.register });
    return out;
  }

  /** The operands of an operator that works column by column. */
  operands(reader: NodeReader, indices: readonly number[]): RowTensor[] {
    const given = indices.map((index) => reader.value(index));
    const rows = given.filter(isRows);
    const shapes = new Set(rows.map(({ shape }) => shape));
    const [shape = "matrix"] = shapes;
    if (shapes.size !== 1 || shape === "transposed") refuse("operands of different shapes");
    const found = given.map((value) => (isRows(value) ? value : this.spread(value)));
    const width = Math.max(...found.map((value) => value.width));
    if (shape === "vector" && width > 1) refuse("operands of different shapes");
    if (found.some((value) => value.width !== 1 && value.width !== width)) {
      refuse("operands of different widths");
    }
    return found.map((value) => Object.assign({}, value, { shape }));
  }

  widest(operands: readonly RowTensor[], element: number): RowTensor {
    const width = Math.max(...operands.map((operand) => operand.width));
    return this.allocate(element, width, operands[0]?.shape);
  }

  binary(reader: NodeReader, operator: BinaryOperator, elements: readonly number[], made?: number) {
    const [left, right] = this.operands(reader, [0, 1]);
    if (left === undefined || right === undefined) refuse("it has not two operands");
    if (left.element !== right.element) refuse("operands of different element types");
    if (!elements.includes(left.element)) refuse(`element type ${left.element}`);
    const out = this.widest([left, right], made ?? left.element);
    this.steps.push({
      kind: "binary",
      operator,
      left: left.register,
      right: right.register,
      output: out.register,
    });
    return out;
  }

  unary(reader: NodeReader, operator: "not" | "is-nan" | "negate", element: number, made: number) {
    const value = reader.rows(0);
    const fits = operator === "not" ? [ELEMENT.bool] : FLOATS;
    if (!fits.some((each) => each === value.element)) refuse(`element type ${value.element}`);
    const out = this.allocate(made === element ? value.element : made, value.width, value.shape);
    this.steps.push({ kind: "unary", operator, input: value.register, output: out.register });
    return out;
  }

  lookup(
    value: RowTensor,
    element: number,
    keys: Float64Array,
    values: Float64Array,
    fallback?: number,
  ): RowTensor {
    const out = this.allocate(element, value.width, value.shape);
    this.steps.push({
      kind: "lookup",
      input: value.register,
      output: out.register,
      keys,
      values,
      ...(fallback === undefined ? {} : { fallback }),
    });
    return out;
  }

  /** Elements of a constant list by their place. */
  elementsAt(list: ReadTensor, places: RowTensor, negative: boolean): RowTensor {
    const values = this.numbersOf(list);
    const size = values.length;
    if (places.element !== ELEMENT.int64) refuse("places that are no whole numbers");
    const keys = Float64Array.from({ length: negative ? 2 * size : size }, (_, index) =>
      index < size ? index : index - 2 * size,
    );
    const elements = Float64Array.from(keys, (key) => values.at(key) ?? 0);
    return this.lookup(places, list.element, keys, elements);
  }

  labelEncoder(reader: NodeReader): RowTensor {
    const { attributes } = reader;
    const value = reader.rows(0);
    const version = this.#model.opset("ai.onnx.ml");
    const listed = (part: "keys" | "values") => {
      const tensor = attributes.tensor(`${part}_tensor`);
      if (tensor !== undefined) return { element: tensor.element, numbers: this.numbersOf(tensor) };
      if (attributes.has(`${part}_strings`)) {
        const ids = attributes.texts(`${part}_strings`).map((text) => this.textId(text));
        return { element: ELEMENT.string, numbers: Float64Array.from(ids) };
      }
      return attributes.has(`${part}_int64s`)
        ? { element: ELEMENT.int64, numbers: attributes.integers(`${part}_int64s`) }
        : { element: ELEMENT.float, numbers: attributes.floats(`${part}_floats`) };
    };
    if (version < 2) {
      if (value.element !== ELEMENT.string) refuse("whole numbers to texts");
      const classes = attributes.texts("classes_strings");
      const keys = Float64Array.from(classes, (text) => this.textId(text));
      // Of equal texts the last counts.
      const places = Float64Array.from(classes, (text) => classes.lastIndexOf(text));
      return this.lookup(
        value,
        ELEMENT.int64,
        keys,
        places,
        attributes.integer("default_int64", -1),
      );
    }
    const [keys, values] = [listed("keys"), listed("values")];
    if (keys.element !== value.element) refuse("keys of another element type");
    if (keys.numbers.length !== values.numbers.length)
      refuse("keys and values of different length");
    if (version < 4 && keys.numbers.some(Number.isNaN)) refuse("a key that is NaN");
    const fallbackTensor = attributes.tensor("default_tensor");
    let fallback: number | undefined = fallbackTensor && this.numbersOf(fallbackTensor)[0];
    if (fallback === undefined) {
      if (values.element === ELEMENT.string) {
        fallback = this.textId(attributes.text("default_string", "_Unused"));
      } else if (values.element === ELEMENT.int64)
        fallback = attributes.integer("default_int64", -1);
      else if (values.element === ELEMENT.float) fallback = attributes.float("default_float", -0);
      else refuse("no value for other keys");
    }
    return this.lookup(value, values.element, keys.numbers, values.numbers, fallback);
  }

  oneHot(reader: NodeReader): RowTensor {
    const value = reader.rows(0);
    const { attributes } = reader;
    const texts = attributes.texts("cats_strings");
    const categories =
      value.element === ELEMENT.string
        ? Float64Array.from(texts, (text) => this.textId(text))
        : attributes.integers("cats_int64s");
    if (value.width !== 1) refuse("several columns");
    if (new Set(categories).size !== categories.length) refuse("a category twice");
    if (categories.length === 0) refuse("no categories of the element type");
    const whole = value.element === ELEMENT.string ? value : this.cast(value, ELEMENT.int64);
    // Of a matrix [n, 1] it makes [n, 1, categories], which nothing but a Reshape or a Concat takes.
    const out = this.allocate(ELEMENT.float, categories.length, "matrix");
    this.steps.push({
      kind: "one-hot",
      input: whole.register,
      output: out.register,
      keys: categories,
      unknown: attributes.integer("zeros", 1) !== 0,
    });
    return out;
  }

  impute(reader: NodeReader): RowTensor {
    const value = reader.matrix(0);
    const { attributes } = reader;
    if (value.element !== ELEMENT.float) refuse(`element type ${value.element}`);
    const given = attributes.floats("imputed_value_floats");
    const [only] = given;
    if (only === undefined) refuse("no values of its element type");
    const values = given.length === value.width ? given : new Float64Array(value.width).fill(only);
    const out = this.allocate(ELEMENT.float, value.width);
    const replaced = attributes.float("replaced_value_float", 0);
    this.steps.push({
      kind: "impute",
      input: value.register,
      output: out.register,
      replaced,
      values,
    });
    return out;
  }

  scale(reader: NodeReader): RowTensor {
    const value = reader.matrix(0);
    if (value.element !== ELEMENT.float) refuse(`element type ${value.element}`);
    const wide = (numbers: Float64Array) => {
      const [only = 0] = numbers;
      if (numbers.length === value.width) return numbers;
      return numbers.length === 1
        ? new Float64Array(value.width).fill(only)
        : refuse("numbers of columns that are not there");
    };
    const out = this.allocate(ELEMENT.float, value.width);
    this.steps.push({
      kind: "scale",
      input: value.register,
      output: out.register,
      offsets: wide(reader.attributes.floats("offset")),
      scales: wide(reader.attributes.floats("scale")),
    });
    return out;
  }

  reshape(reader: NodeReader): RowTensor {
    const value = reader.rows(0);
    const shape = reader.numbers("shape", 1) ?? refuse("no shape");
    const [rows, columns] = shape;
    const flat = value.width === 1;
    if (shape.length === 1 && rows === -1 && flat) return { ...value, shape: "vector" };
    const open = rows === -1 || (rows === 0 && value.shape !== "transposed");
    const fits = columns === value.width || (columns === -1 && rows === 0);
    if (shape.length === 2 && open && fits) return { ...value, shape: "matrix" };
    return refuse(`the shape [${shape.join(", ")}] of columns ${value.width}`);
  }

  squeeze(reader: NodeReader): RowTensor {
    const value = reader.matrix(0);
    const axes = reader.numbers("axes", 1) ?? [];
    const [axis] = axes;
    if (axes.length !== 1 || (axis !== 1 && axis !== -1) || value.width !== 1) refuse("other axes");
    return { ...value, shape: "vector" };
  }

  unsqueeze(reader: NodeReader): RowTensor {
    const value = reader.rows(0);
    const axes = reader.numbers("axes", 1) ?? [];
    const [axis] = axes;
    if (axes.length !== 1 || (axis !== 1 && axis !== -1) || value.shape !== "vector") {
      refuse("other axes");
    }
    return { ...value, shape: "matrix" };
  }

  gather(reader: NodeReader): RowTensor {
    const data = reader.value(0);
    if (!isRows(data)) {
      reader.axis(false, 0);
      if (data.dims.length !== 1) refuse("a constant of several axes");
      return this.elementsAt(data, reader.rows(1), true);
    }
    reader.axis(true, 0);
    return this.pick(reader.matrix(0), reader.constant(1), true);
  }

  pick(value: RowTensor, places: ReadTensor, negative: boolean): RowTensor {
    if (places.dims.length > 1 && !(places.dims.length === 2 && places.dims[0] === 1)) {
      refuse("places of several axes");
    }
    const parts = Array.from(places.values, (place) => {
      const column = negative && place < 0 ? place + value.width : place;
      if (!(column >= 0 && column < value.width)) refuse(`column ${place} of ${value.width}`);
      return [value, column] as const;
    });
    return this.columns(parts, places.dims.length === 0 ? "vector" : "matrix");
  }

  extract(reader: NodeReader): RowTensor {
    const data = reader.value(0);
    if (isRows(data)) {
      if (data.shape !== "matrix") refuse("its input is not [n, columns]");
      return { ...this.pick(data, reader.constant(1), false), shape: "matrix" };
    }
    const places = reader.rows(1);
    if (places.width !== 1) refuse("several places a row");
    if (data.dims.length !== 1 && !(data.dims.length === 2 && data.dims[0] === 1)) {
      refuse("a constant of several rows");
    }
    return { ...this.elementsAt(data, places, false), shape: "transposed" };
  }

  concat(reader: NodeReader): RowTensor {
    reader.axis(true, 1);
    const parts = Array.from({ length: reader.count }, (_, index) => reader.matrix(index));
    const [first] = parts;
    if (parts.some(({ element }) => element !== first?.element)) refuse("several element types");
    return this.columns(
      parts.flatMap((part) =>
        Array.from({ length: part.width }, (_, column) => [part, column] as const),
      ),
    );
  }

  slice(reader: NodeReader): RowTensor {
    const value = reader.matrix(0);
    const [start] = reader.numbers("starts", 1) ?? [];
    const [end] = reader.numbers("ends", 2) ?? [];
    const axes = reader.numbers("axes", 3) ?? [0];
    const steps = reader.numbers("steps", 4) ?? [1];
    if (start === undefined || end === undefined || axes.length !== 1) refuse("several axes");
    if ((axes[0] !== 1 && axes[0] !== -1) || steps.some((step) => step !== 1)) refuse("other axes");
    const place = (at: number) =>
      Math.max(0, Math.min(value.width, at < 0 ? at + value.width : at));
    const columns = Array.from({ length: value.width }, (_, column) => column);
    const found = columns.slice(place(start), place(end));
    return this.columns(found.map((column) => [value, column] as const));
  }

  split(reader: NodeReader): RowTensor[] {
    reader.axis(true, 0);
    const value = reader.matrix(0);
    const count = reader.node.outputs.length;
    const even = Array.from({ length: count }, () => value.width / count);
    const sizes = reader.numbers("split", 1) ?? even;
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (sizes.length !== count || total !== value.width || !sizes.every(Number.isInteger)) {
      refuse("parts of other sizes");
    }
    let start = 0;
    return sizes.map((size) => {
      const from = start;
      start += size;
      return this.columns(
        Array.from({ length: size }, (_, index) => [value, from + index] as const),
      );
    });
  }

  where(reader: NodeReader): RowTensor {
    const [condition, left, right] = this.operands(reader, [0, 1, 2]);
    if (!condition || !left || !right) refuse("it has not three operands");
    if (condition.element !== ELEMENT.bool) refuse("its condition is not BOOL");
    if (left.element !== right.element) refuse("operands of different element types");
    const out = this.widest([condition, left, right], left.element);
    this.steps.push({
      kind: "where",
      condition: condition.register,
      left: left.register,
      right: right.register,
      output: out.register,
    });
    return out;
  }

  arg(reader: NodeReader, smallest: boolean): RowTensor {
    reader.axis(true, 0);
    const value = reader.matrix(0);
    if (!FLOATS.some((element) => element === value.element)) refuse("whole numbers");
    if (reader.attributes.integer("select_last_index", 0) !== 0)
      refuse("the last of equal columns");
    const kept = reader.attributes.integer("keepdims", 1) !== 0;
    const out = this.allocate(ELEMENT.int64, 1, kept ? "matrix" : "vector");
    this.steps.push({ kind: "arg", input: value.register, output: out.register, smallest });
    return out;
  }

  trees(reader: NodeReader): RowTensor[] {
    const given = reader.matrix(0);
    const wide = given.element === ELEMENT.double;
    const value =
      given.element === ELEMENT.int64 || given.element === ELEMENT.int32
        ? this.cast(given, ELEMENT.float)
        : given;
    if (value.element !== ELEMENT.float && !wide) refuse(`element type ${value.element}`);
    const { outputs, textLabels, ...trees } = readTrees(reader.node, wide);
    for (const feature of trees.features) {
      if (feature < 0 || feature >= value.width) refuse(`feature ${feature} of ${value.width}`);
    }
    const newer = reader.node.operator === "TreeEnsemble";
    const out = this.allocate(newer && wide ? ELEMENT.double : ELEMENT.float, outputs);
    const { classifier } = trees;
    if (classifier === undefined) {
      this.steps.push({ kind: "trees", input: value.register, output: out.register, ...trees });
      return [out];
    }
    const label = this.allocate(textLabels ? ELEMENT.string : ELEMENT.int64, 1, "vector");
    this.steps.push({
      kind: "trees",
      input: value.register,
      output: out.register,
      classOutput: label.register,
      ...trees,
      classifier: textLabels
        ? { ...classifier, labels: Float64Array.from(textLabels, (text) => this.textId(text)) }
        : classifier,
    });
    return [label, out];
  }

  constantNode({ attributes }: NodeReader): ReadTensor {
    const tensor = attributes.tensor("value");
    if (tensor !== undefined) return tensor;
    const made = (element: number, values: Float64Array, dims: readonly number[]) => ({
      dims,
      element,
      values,
      texts: [],
    });
    if (attributes.has("value_float")) {
      return made(ELEMENT.float, Float64Array.of(attributes.float("value_float", 0)), []);
    }
    if (attributes.has("value_int")) {
      return made(ELEMENT.int64, Float64Array.of(attributes.integer("value_int", 0)), []);
    }
    if (attributes.has("value_floats")) {
      const values = attributes.floats("value_floats");
      return made(ELEMENT.float, values, [values.length]);
    }
    if (attributes.has("value_ints")) {
      const values = attributes.integers("value_ints");
      return made(ELEMENT.int64, values, [values.length]);
    }
    return refuse("a constant of another kind");
  }

  /** The values of a node's outputs. */
  read(reader: NodeReader): readonly Value[] {
    const { operator, domain } = reader.node;
    if (domain === "ai.onnx.ml") return this.readLearned(reader, operator);
    if (domain !== "") refuse("not evaluated");
    switch (operator) {
      case "Constant":
        return [this.constantNode(reader)];
      case "Identity":
        return [reader.value(0)];
      case "Cast":
        return [this.castNode(reader)];
      case "Reshape":
        return [this.reshape(reader)];
      case "Squeeze":
        return [this.squeeze(reader)];
      case "Unsqueeze":
        return [this.unsqueeze(reader)];
      case "Flatten":
        reader.axis(true, 1);
        return [reader.matrix(0)];
      case "Gather":
        return [this.gather(reader)];
      case "Concat":
        return [this.concat(reader)];
      case "Slice":
        return [this.slice(reader)];
      case "Split":
        return this.split(reader);
      case "Add":
        return [this.binary(reader, "add", FLOATS)];
      case "Sub":
        return [this.binary(reader, "subtract", FLOATS)];
      case "Mul":
        return [this.binary(reader, "multiply", FLOATS)];
      case "Div":
        return [this.binary(reader, "divide", FLOATS)];
      case "Equal":
        return [
          this.binary(
            reader,
            "equal",
            [...FLOATS, ELEMENT.int64, ELEMENT.bool, ELEMENT.string],
            ELEMENT.bool,
          ),
        ];
      case "Less":
        return [this.binary(reader, "less", [...FLOATS, ELEMENT.int64], ELEMENT.bool)];
      case "LessOrEqual":
        return [this.binary(reader, "less-or-equal", [...FLOATS, ELEMENT.int64], ELEMENT.bool)];
      case "Greater":
        return [this.binary(reader, "greater", [...FLOATS, ELEMENT.int64], ELEMENT.bool)];
      case "GreaterOrEqual":
        return [this.binary(reader, "greater-or-equal", [...FLOATS, ELEMENT.int64], ELEMENT.bool)];
      case "And":
        return [this.binary(reader, "and", [ELEMENT.bool])];
      case "Or":
        return [this.binary(reader, "or", [ELEMENT.bool])];
      case "Xor":
        return [this.binary(reader, "xor", [ELEMENT.bool])];
      case "Not":
        return [this.unary(reader, "not", ELEMENT.bool, ELEMENT.bool)];
      case "Neg":
        return [this.unary(reader, "negate", ELEMENT.float, ELEMENT.float)];
      case "IsNaN":
        return [this.unary(reader, "is-nan", ELEMENT.float, ELEMENT.bool)];
      case "Where":
        return [this.where(reader)];
      case "ArgMax":
        return [this.arg(reader, false)];
      case "ArgMin":
        return [this.arg(reader, true)];
      default:
        return refuse(REASONS[operator] ?? "not evaluated");
    }
  }

  readLearned(reader: NodeReader, operator: string): readonly Value[] {
    switch (operator) {
      case "TreeEnsembleClassifier":
      case "TreeEnsembleRegressor":
      case "TreeEnsemble":
        return this.trees(reader);
      case "ArrayFeatureExtractor":
        return [this.extract(reader)];
      case "LabelEncoder":
        return [this.labelEncoder(reader)];
      case "OneHotEncoder":
        return [this.oneHot(reader)];
      case "Imputer":
        return [this.impute(reader)];
      case "Scaler":
        return [this.scale(reader)];
      default:
        return refuse(REASONS[operator] ?? "not evaluated");
    }
  }

  castNode(reader: NodeReader): RowTensor {
    return this.cast(reader.rows(0), reader.attributes.integer("to", 0));
  }

  /** Reads every node; a refusal names the one that it is about. */
  readNodes(): void {
    for (const node of this.#model.nodes) {
      try {
        const values = node.inputs.map((name) => {
          if (name === "") return undefined;
          return (
            this.values.get(name) ?? refuse(`its input ${JSON.stringify(name)} is not there yet`)
          );
        });
        const made = this.read(new NodeReader(node, values));
        for (const [index, name] of node.outputs.entries()) {
          const value = made[index];
          if (value !== undefined && name !== "") this.values.set(name, value);
        }
      } catch (error) {
        if (!(error instanceof NotEvaluated)) throw error;
        const name = JSON.stringify(node.name);
        throw new NotEvaluated(`node ${name} (${node.operator}): ${error.message}`, {
          cause: error,
        });
      }
    }
  }

  result(name: string): RowTensor | undefined {
    if (!this.#model.outputs.includes(name)) return undefined;
    const value = this.values.get(name);
    return value !== undefined && isRows(value) ? value : refuse(`output ${name} is a constant`);
  }
}

function resultsOf(reader: GraphReader, outputs: readonly string[]): Results {
  const other = outputs.find((name) => !["class", "proba", "values"].includes(name));
  if (other !== undefined)
    refuse(`output ${JSON.stringify(other)} is none of class, proba and values`);
  const [label, proba, values] = ["class", "proba", "values"].map((name) => reader.result(name));
  if (label && (label.element !== ELEMENT.int64 || label.width !== 1)) {
    refuse("output class is not INT64 [n]");
  }
  const made = proba ?? values;
  if (made && (made.element !== ELEMENT.float || made.shape !== "matrix")) {
    refuse(`output ${proba ? "proba" : "values"} is not FLOAT [n, columns]`);
  }
  if (!label && !made) refuse("no output");
  return {
    ...(label ? { class: label.register } : {}),
    ...(made ? { values: made.register } : {}),
    probabilities: proba !== undefined,
  };
}

/**
 * Reads an ONNX model in Sepal's form: input `features` FLOAT `[n, width]`; outputs `class` INT64 `[n]` and `proba` FLOAT
 * `[n, k]`, `class` alone, or `values` FLOAT `[n, targets]`.
 *
 * Throws {@link NotEvaluated}, with the node and the reason, of a graph whose results could differ from ONNX Runtime's in
 * a bit, and an error of bytes that are no ONNX file.
 */
export function readGraph(onnx: Uint8Array): TreesModel {
  const model = readOnnxModel(onnx);
  const reader = new GraphReader(model);
  reader.readNodes();
  const { registers, steps } = reader;
  const results = resultsOf(reader, model.outputs);
  if (!steps.some(({ kind }) => kind === "trees")) refuse("no tree ensemble");
  return { kind: "trees", registers, steps, results };
}

/** A tensor of rows as weighted sums of another one's columns. */
interface Product {
  readonly columns: RowTensor;
  readonly weights: Float64Array;
  readonly intercepts: Float64Array;
}

/** Reads the nodes of a linear model: its products are kept as their weights. */
class LinearReader extends GraphReader {
  readonly #products = new Map<number, Product>();

  product(value: RowTensor): Product {
    return this.#products.get(value.register) ?? refuse("its values are no weighted sums");
  }

  #keep(like: RowTensor, product: Product): RowTensor {
    const out = this.allocate(like.element, product.intercepts.length);
    this.#products.set(out.register, product);
    return out;
  }

  #multiply(columns: RowTensor, given: Float64Array, outputs: number, transposed: boolean) {
    if (this.#products.has(columns.register)) refuse("a product of a product");
    if (given.length !== columns.width * outputs) refuse("weights of other columns");
    const weights = transposed
      ? given.map((_, at) => given[(at % outputs) * columns.width + Math.floor(at / outputs)] ?? 0)
      : given;
    return { columns, weights, intercepts: new Float64Array(outputs) };
  }

  #added(product: Product, given: Float64Array, scale: number): Product {
    const { intercepts } = product;
    if (given.length !== 1 && given.length !== intercepts.length)
      refuse("intercepts of other outputs");
    const added = intercepts.map(
      (value, index) => value + scale * (given[given.length === 1 ? 0 : index] ?? 0),
    );
    return { ...product, intercepts: added };
  }

  override read(reader: NodeReader): readonly Value[] {
    const { attributes } = reader;
    const { operator, inputs } = reader.node;
    const first = reader.optional(0);
    const known = first && isRows(first) ? this.#products.get(first.register) : undefined;
    switch (operator) {
      case "MatMul": {
        const weights = reader.constant(1);
        if (weights.dims.length !== 2) refuse("weights of other axes");
        const product = this.#multiply(
          reader.matrix(0),
          weights.values,
          weights.dims[1] ?? 0,
          false,
        );
        return [this.#keep(reader.matrix(0), product)];
      }
      case "Gemm": {
        if (attributes.integer("transA", 0) !== 0) refuse("rows as columns");
        const weights = reader.constant(1);
        const transposed = attributes.integer("transB", 0) !== 0;
        const outputs = weights.dims[transposed ? 0 : 1] ?? 0;
        const alpha = attributes.float("alpha", 1);
        const scaled = weights.values.map((value) => value * alpha);
        const product = this.#multiply(reader.matrix(0), scaled, outputs, transposed);
        const given = inputs.length > 2 ? reader.constant(2).values : Float64Array.of(0);
        return [
          this.#keep(reader.matrix(0), this.#added(product, given, attributes.float("beta", 1))),
        ];
      }
      case "LinearRegressor": {
        if (attributes.text("post_transform", "NONE") !== "NONE") refuse("a post-transform");
        const outputs = attributes.integer("targets", 1);
        const columns = this.cast(reader.matrix(0), ELEMENT.float);
        const product = this.#multiply(columns, attributes.floats("coefficients"), outputs, true);
        const given = attributes.floats("intercepts");
        return [
          this.#keep(
            columns,
            this.#added(product, given.length > 0 ? given : Float64Array.of(0), 1),
          ),
        ];
      }
      case "Cast":
        if (known === undefined || !first || !isRows(first)) return super.read(reader);
        if (!FLOATS.some((element) => element === attributes.integer("to", 0)))
          refuse("a cast to whole numbers");
        return [this.#keep({ ...first, element: attributes.integer("to", 0) }, known)];
      case "Add":
        if (known === undefined || !first || !isRows(first)) return super.read(reader);
        return [this.#keep(first, this.#added(known, reader.constant(1).values, 1))];
      default:
        return super.read(reader);
    }
  }
}

/**
 * Reads a regression whose values are weighted sums of prepared columns, as {@link readGraph} reads trees, for its
 * explanation alone: ONNX Runtime adds products in an order, and with roundings, that depend on the processor.
 *
 * Throws {@link NotEvaluated} of any other graph.
 */
export function readLinear(onnx: Uint8Array): LinearModel {
  const model = readOnnxModel(onnx);
  const reader = new LinearReader(model);
  reader.readNodes();
  const values = reader.result("values") ?? refuse("no output values");
  const { columns, weights, intercepts } = reader.product(values);
  const { registers, steps } = reader;
  return { kind: "linear", registers, steps, columns: columns.register, weights, intercepts };
}
