import { INPUT_NAMES } from "@sepal/model/session/inference-session";
import {
  ATTRIBUTE,
  ELEMENT,
  GRAPH,
  MODEL,
  NODE,
  OPSET,
  TENSOR,
  VALUE_INFO,
} from "@sepal/evaluator/onnx/onnx-fields";
import {
  integerField,
  messageField,
  readMessage,
  textField,
  texts,
  type WireField,
  type WireMessage,
  writeMessage,
} from "@sepal/evaluator/onnx/wire-message";
import {
  nodeField,
  valueField,
  type ConstantTensor,
  type NodeParts,
} from "@sepal/evaluator/onnx/write-graph";
import { openBatch } from "./open-batch.ts";
import { opsetOf, valueName, type OnnxModel } from "./onnx-model.ts";

/** The new name of a tensor; the same where it keeps its own. */
type Renaming = (name: string) => string;

function renameText(fields: WireMessage, numbers: readonly number[], rename: Renaming) {
  return fields.map((field) =>
    numbers.includes(field.no)
      ? textField(field.no, rename(new TextDecoder().decode(field.data)))
      : field,
  );
}

function renameInner(
  fields: WireMessage,
  numbers: readonly number[],
  change: (inner: WireMessage) => WireMessage,
) {
  return fields.map((field) =>
    numbers.includes(field.no) ? messageField(field.no, change(readMessage(field.data))) : field,
  );
}

/** Loops and branches hold graphs that see the names around them. */
function renameAttributes(node: WireMessage, rename: Renaming): WireMessage {
  return renameInner(node, [NODE.attribute], (attribute) =>
    renameInner(attribute, [ATTRIBUTE.graph, ATTRIBUTE.graphs], (graph) =>
      renameTensors(graph, rename),
    ),
  );
}

function renameNode(node: WireMessage, rename: Renaming): WireMessage {
  return renameAttributes(renameText(node, [NODE.input, NODE.output], rename), rename);
}

/** Gives tensors of a graph, and of the graphs within it, other names. */
export function renameTensors(graph: WireMessage, rename: Renaming): WireMessage {
  const nodes = renameInner(graph, [GRAPH.node], (node) => renameNode(node, rename));
  const tensors = renameInner(nodes, [GRAPH.initializer], (tensor) =>
    renameText(tensor, [TENSOR.name], rename),
  );
  return renameInner(tensors, [GRAPH.input, GRAPH.output, GRAPH.valueInfo], (value) =>
    renameText(value, [VALUE_INFO.name], rename),
  );
}

/** Names of the tensors that a node may take, those of the graphs within it too. */
function tensorsUsed(node: WireMessage): string[] {
  const used = texts(node, NODE.input);
  renameAttributes(node, (name) => {
    used.push(name);
    return name;
  });
  return used;
}

/** Leaves out nodes whose results are not used any more. */
function withoutUnused(graph: WireMessage, outputs: readonly string[]): WireMessage {
  const used = new Set(outputs);
  const kept: WireField[] = [];
  for (const field of graph.toReversed()) {
    if (field.no === GRAPH.node) {
      const fields = readMessage(field.data);
      if (!texts(fields, NODE.output).some((name) => used.has(name))) continue;
      for (const name of tensorsUsed(fields)) used.add(name);
    }
    kept.push(field);
  }
  return kept.toReversed();
}

/** A feature as an input of the model takes it. */
export interface NativeColumn {
  /** Place among the features. */
  readonly feature: number;
  /** Texts of a category, by its code, where the input takes texts. */
  readonly texts: readonly string[] | undefined;
  /** What stands for a missing value; `undefined` where that is NaN, or nothing is missing. */
  readonly missing: string | number | undefined;
}

/** An input of the model and the features that it is made of; of a text it is the only one, with one column. */
export interface NativeInput {
  readonly name: string;
  readonly datatype: string;
  readonly rank: number;
  readonly columns: readonly NativeColumn[];
  /** Whether it takes texts as they are sent. */
  readonly isText?: boolean;
}

/** A tensor of the model and its dimensions, `[n]` or `[n, k]`. */
interface FoundTensor {
  readonly name: string;
  readonly datatype: string;
  readonly rank: number;
}

/** How probabilities are made of what the model gives: nothing, or softmax of `[n, k]`, or of one number p, `[1 - p, p]`. */
export type Ending = "none" | "softmax" | "sigmoid" | "complement";

/** The outputs that a model is brought to. */
export type NativeOutputs =
  | {
      readonly task: "classification";
      readonly classes: number;
      /** The model's own class, with its labels in the order of the classes. */
      readonly label: (FoundTensor & { readonly labels: readonly string[] }) | undefined;
      readonly proba: (FoundTensor & { readonly ending: Ending }) | undefined;
    }
  | { readonly task: "regression"; readonly targets: number; readonly values: FoundTensor };

/** What a graph is brought to. */
export interface Rewriting {
  readonly features: number;
  readonly inputs: readonly NativeInput[];
  /** Rows that the file has fixed an execution to; -1 where it has not. */
  readonly batch: number;
  readonly outputs: NativeOutputs;
}

/** The standard operators' version where a graph imports none; the oldest in which all that is added takes its form. */
const STANDARD_OPSET = 13;

const ML = "ai.onnx.ml";

const ELEMENTS: Readonly<Record<string, number>> = {
  FP32: ELEMENT.float,
  float64: ELEMENT.double,
  INT64: ELEMENT.int64,
  int32: ELEMENT.int32,
  bool: ELEMENT.bool,
};

/** How the names of tensors begin that are added. */
const PREFIX = "sepal_";

/** Nodes that are added to a graph, in order. */
class AddedNodes {
  readonly fields: WireField[] = [];
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Adds a node; returns the name of its result. */
  add(
    operator: string,
    inputs: readonly string[],
    parts: Omit<NodeParts, "inputs" | "outputs"> = {},
  ): string {
    const output = `${this.#prefix}${this.fields.length}`;
    this.fields.push(nodeField(operator, { inputs, outputs: [output], ...parts }));
    return output;
  }

  constant(value: ConstantTensor): string {
    // As a node: an initializer would have to be an input too in files of the third version and before.
    return this.add("Constant", [], { tensors: { value } });
  }

  wholes(...values: readonly number[]): string {
    return this.constant({ dims: [values.length], values: BigInt64Array.from(values, BigInt) });
  }

  reshape(input: string, ...shape: readonly number[]): string {
    return this.add("Reshape", [input, this.wholes(...shape)]);
  }

  cast(input: string, element: number): string {
    return this.add("Cast", [input], { integers: { to: element } });
  }

  /** Puts a number in the place of NaN. */
  imputed(input: string, value: number): string {
    return this.add("Imputer", [input], {
      domain: ML,
      floatLists: { imputed_value_floats: [value] },
      floats: { replaced_value_float: Number.NaN },
    });
  }
}

function columnsOf(nodes: AddedNodes, columns: readonly NativeColumn[], features: number): string {
  const places = columns.map(({ feature }) => feature);
  const whole = places.length === features && places.every((place, index) => place === index);
  if (whole) return "features";
  return nodes.add("Gather", ["features", nodes.wholes(...places)], { integers: { axis: 1 } });
}

/** A column of codes `[n, 1]` as texts. */
function textColumn(nodes: AddedNodes, column: NativeColumn): string {
  const { feature, texts: values = [], missing } = column;
  const given = nodes.add("Gather", ["features", nodes.wholes(feature)], { integers: { axis: 1 } });
  const codes = missing === undefined ? given : nodes.imputed(given, values.length);
  const spelled = missing === undefined ? values : [...values, String(missing)];
  const table = nodes.constant({ dims: [spelled.length], values: spelled });
  return nodes.add("Gather", [table, nodes.cast(codes, ELEMENT.int64)], { integers: { axis: 0 } });
}

/** Makes an input of the model from the features; returns its name. */
function addInput(nodes: AddedNodes, input: NativeInput, features: number): string {
  const { columns, datatype, rank } = input;
  let made: string;
  if (input.isText === true) made = INPUT_NAMES.text;
  else if (datatype === "BYTES") {
    const texted = columns.map((column) => textColumn(nodes, column));
    const [only = ""] = texted;
    made = texted.length === 1 ? only : nodes.add("Concat", texted, { integers: { axis: 1 } });
  } else {
    made = columnsOf(nodes, columns, features);
    const missing = columns.find(({ missing: value }) => typeof value === "number")?.missing;
    if (typeof missing === "number") made = nodes.imputed(made, missing);
    const element = ELEMENTS[datatype] ?? ELEMENT.float;
    if (element !== ELEMENT.float) made = nodes.cast(made, element);
  }
  return rank === 1 ? nodes.reshape(made, -1) : made;
}

function countsFromZero(labels: readonly string[]): boolean {
  return labels.every((label, index) => label === String(index));
}

/** The index of a label among the model's; `label` is a tensor `[n]`. */
function labelIndex(
  nodes: AddedNodes,
  model: OnnxModel,
  label: string,
  { datatype, labels }: { readonly datatype: string; readonly labels: readonly string[] },
): string {
  if (datatype === "BYTES") {
    const lists: Pick<NodeParts, "textLists" | "integerLists"> =
      (opsetOf(model, ML) ?? 1) < 2
        ? { textLists: { classes_strings: labels } }
        : { textLists: { keys_strings: labels }, ...positions(labels.length) };
    return nodes.add("LabelEncoder", [label], { domain: ML, ...lists });
  }
  const whole = datatype === "INT64" ? label : nodes.cast(label, ELEMENT.int64);
  if (countsFromZero(labels)) return whole;
  const known = nodes.constant({
    dims: [labels.length],
    values: BigInt64Array.from(labels, BigInt),
  });
  const same = nodes.add("Equal", [nodes.reshape(whole, -1, 1), known]);
  const hits = nodes.cast(same, ELEMENT.float);
  return nodes.add("ArgMax", [hits], { integers: { axis: 1, keepdims: 0 } });
}

/** Attribute `values_int64s` of 0, 1, … */
function positions(count: number): Pick<NodeParts, "integerLists"> {
  return { integerLists: { values_int64s: Array.from({ length: count }, (_, index) => index) } };
}

function addProba(
  nodes: AddedNodes,
  name: string,
  { datatype, rank, ending }: FoundTensor & { ending: Ending },
) {
  const floats = datatype === "FP32" ? name : nodes.cast(name, ELEMENT.float);
  if (ending === "none") return floats;
  if (ending === "softmax") return nodes.add("Softmax", [floats], { integers: { axis: 1 } });
  const column = rank === 2 ? floats : nodes.reshape(floats, -1, 1);
  const second = ending === "sigmoid" ? nodes.add("Sigmoid", [column]) : column;
  const one = nodes.constant({ dims: [1], values: Float32Array.of(1) });
  const first = nodes.add("Sub", [one, second]);
  return nodes.add("Concat", [first, second], { integers: { axis: 1 } });
}

/** Results of a rewritten graph: name, element type and width; `undefined` for `[n]`. */
interface Result {
  readonly target: string;
  readonly element: number;
  readonly width: number | undefined;
}

function resultsOf(outputs: NativeOutputs): Result[] {
  if (outputs.task === "regression") {
    return [{ target: "values", element: ELEMENT.float, width: outputs.targets }];
  }
  const proba = { target: "proba", element: ELEMENT.float, width: outputs.classes };
  const label = { target: "class", element: ELEMENT.int64, width: undefined };
  return outputs.proba === undefined ? [label] : [label, proba];
}

/** Adds what makes the results of a model's own outputs; gives the tensor that each result is. */
function addOutputs(nodes: AddedNodes, model: OnnxModel, outputs: NativeOutputs, rename: Renaming) {
  if (outputs.task === "regression") {
    const { name, datatype, rank } = outputs.values;
    const given = rename(name);
    const floats = datatype === "FP32" ? given : nodes.cast(given, ELEMENT.float);
    return { values: rank === 2 ? floats : nodes.reshape(floats, -1, outputs.targets) };
  }
  const { label, proba } = outputs;
  const made: Record<string, string> = {};
  if (proba !== undefined) made["proba"] = addProba(nodes, rename(proba.name), proba);
  if (label === undefined) {
    const integers = { axis: 1, keepdims: 0 };
    made["class"] = nodes.add("ArgMax", [made["proba"] ?? ""], { integers });
  } else {
    const flat = label.rank === 1 ? rename(label.name) : nodes.reshape(rename(label.name), -1);
    made["class"] = labelIndex(nodes, model, flat, label);
  }
  return made;
}

/**
 * The same model fed by one tensor `features` FLOAT [n, f] in Sepal's normal form: categories as codes, booleans as 0 and
 * 1, what is missing as NaN. Out come `class` INT64 [n] and `proba` FLOAT [n, k], `class` alone, or `values` FLOAT [n, t].
 *
 * A model of texts is fed by one tensor `text` STRING [n, 1] instead, and a vector is `values`.
 *
 * A class is the model's own label as an index; where it has none, the likeliest.
 */
export function rewriteGraph(model: OnnxModel, rewriting: Rewriting): Uint8Array {
  const { features, inputs, outputs, batch } = rewriting;
  const isText = inputs.some((input) => input.isText === true);
  const entry = isText ? INPUT_NAMES.text : INPUT_NAMES.numbers;
  const results = resultsOf(outputs);
  const targets = results.map(({ target }) => target);
  const taken = new Set<string>([entry, ...targets]);
  const aside: Renaming = (name) =>
    taken.has(name) || name.startsWith(PREFIX) ? `${name}__inner` : name;
  const before = new AddedNodes(`${PREFIX}in_`);
  const after = new AddedNodes(`${PREFIX}out_`);
  const fed = inputs.map((input) => [input.name, addInput(before, input, features)] as const);
  const ends: Readonly<Record<string, string>> = addOutputs(after, model, outputs, aside);

  // What was there and what is added meet by name: no node is needed between them.
  const whole = new Map(fed.filter(([, made]) => made === entry));
  const made = new Map(fed.map(([name, from]) => [from, aside(name)]));
  made.delete(entry);
  const called = new Map(targets.map((target) => [ends[target] ?? "", target]));
  const named = (names: ReadonlyMap<string, string>) => (name: string) => names.get(name) ?? name;
  const graph = renameTensors(
    batch === -1 ? model.graph : openBatch(model, batch),
    (name) => called.get(aside(name)) ?? whole.get(name) ?? aside(name),
  );
  const declared = new Set(inputs.map(({ name }) => whole.get(name) ?? aside(name)));
  const inner = graph.filter((field) => {
    // Shapes within may say how many rows there are; ONNX Runtime finds them out.
    if (field.no === GRAPH.output || field.no === GRAPH.valueInfo) return false;
    // Old files list their constants among the inputs.
    return field.no !== GRAPH.input || !declared.has(valueName(field));
  });
  const nodes = [
    ...renamedNodes(before.fields, named(made)),
    ...inner,
    ...renamedNodes(after.fields, named(called)),
  ];
  const parts = [
    ...withoutUnused(nodes, targets),
    valueField(GRAPH.input, entry, isText ? ELEMENT.string : ELEMENT.float, ["n", features]),
    ...results.map(({ target, element, width }) =>
      valueField(GRAPH.output, target, element, width === undefined ? ["n"] : ["n", width]),
    ),
  ];
  const fields = model.fields.map((field) =>
    field.no === MODEL.graph ? messageField(MODEL.graph, parts) : field,
  );
  const opsets = [
    ["", STANDARD_OPSET],
    [ML, 1],
  ] as const;
  const missing = opsets
    .filter(([domain]) => opsetOf(model, domain) === undefined)
    .map(([domain, version]) =>
      messageField(MODEL.opsetImport, [
        textField(OPSET.domain, domain),
        integerField(OPSET.version, version),
      ]),
    );
  return writeMessage([...fields, ...missing]);
}

function renamedNodes(nodes: readonly WireField[], rename: Renaming): WireField[] {
  return nodes.map(({ data }) => messageField(GRAPH.node, renameNode(readMessage(data), rename)));
}
