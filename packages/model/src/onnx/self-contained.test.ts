import { readFile } from "node:fs/promises";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createInferenceSession, openForeignModel } from "../session/inference-session.ts";
import {
  ATTRIBUTE,
  ENTRY,
  FUNCTION,
  GRAPH,
  MODEL,
  NODE,
  SPARSE,
  TENSOR,
  TRAINING,
} from "@sepal/evaluator/onnx/onnx-fields";
import { requireSelfContained } from "./self-contained.ts";
import {
  bytesField,
  integerField,
  messageField,
  textField,
  writeMessage,
  type WireField,
} from "@sepal/evaluator/onnx/wire-message";
import { nodeField } from "@sepal/evaluator/onnx/write-graph";

const forest = await readFile(
  new URL("../../../../models/iris-forest/1/model.onnx", import.meta.url),
);

/** A tensor of three bytes whose data are in another file. */
const elsewhere = (no: number, location = ".env"): WireField =>
  messageField(no, [
    integerField(TENSOR.dims, 3),
    integerField(TENSOR.dataType, 2),
    textField(TENSOR.name, "leak"),
    messageField(TENSOR.externalData, [
      textField(ENTRY.key, "location"),
      textField(ENTRY.value, location),
    ]),
    integerField(TENSOR.dataLocation, 1),
  ]);

const attribute = (...fields: WireField[]) => messageField(NODE.attribute, fields);
const nodeWith = (...fields: WireField[]) =>
  nodeField("If", { inputs: ["x"], outputs: ["y"], attributes: [attribute(...fields)] });
const graph = (...fields: WireField[]) => messageField(MODEL.graph, fields);
const subgraph = (...fields: WireField[]) => messageField(ATTRIBUTE.graph, fields);
const whole = graph(textField(GRAPH.name, "g"));

const places: readonly (readonly [place: string, fields: readonly WireField[]])[] = [
  ["an initializer", [graph(elsewhere(GRAPH.initializer))]],
  [
    "the values of a sparse initializer",
    [graph(messageField(GRAPH.sparseInitializer, [elsewhere(SPARSE.values)]))],
  ],
  [
    "the indices of a sparse initializer",
    [graph(messageField(GRAPH.sparseInitializer, [elsewhere(SPARSE.indices)]))],
  ],
  ["an attribute", [graph(nodeWith(elsewhere(ATTRIBUTE.tensor)))]],
  ["a list of an attribute", [graph(nodeWith(elsewhere(ATTRIBUTE.tensors)))]],
  [
    "a sparse attribute",
    [graph(nodeWith(messageField(ATTRIBUTE.sparseTensor, [elsewhere(SPARSE.values)])))],
  ],
  [
    "a list of sparse attributes",
    [graph(nodeWith(messageField(ATTRIBUTE.sparseTensors, [elsewhere(SPARSE.indices)])))],
  ],
  ["a subgraph", [graph(nodeWith(subgraph(elsewhere(GRAPH.initializer))))]],
  [
    "a subgraph of a subgraph",
    [graph(nodeWith(subgraph(nodeWith(subgraph(elsewhere(GRAPH.initializer))))))],
  ],
  [
    "a list of subgraphs",
    [graph(nodeWith(messageField(ATTRIBUTE.graphs, [elsewhere(GRAPH.initializer)])))],
  ],
  [
    "a second graph, which parsers merge with the first",
    [whole, graph(elsewhere(GRAPH.initializer))],
  ],
  [
    "a function",
    [
      whole,
      messageField(MODEL.functions, [
        messageField(FUNCTION.node, [attribute(elsewhere(ATTRIBUTE.tensor))]),
      ]),
    ],
  ],
  [
    "the default of a function's attribute",
    [
      whole,
      messageField(MODEL.functions, [
        messageField(FUNCTION.attributeDefault, [elsewhere(ATTRIBUTE.tensor)]),
      ]),
    ],
  ],
  ...[TRAINING.initialization, TRAINING.algorithm].map(
    (no) =>
      [
        `training graph ${no}`,
        [
          whole,
          messageField(MODEL.trainingInfo, [messageField(no, [elsewhere(GRAPH.initializer)])]),
        ],
      ] as const,
  ),
];

describe("external data is rejected before ONNX Runtime opens the file", () => {
  test.each(places)("in %s", (_place, fields) => {
    expect(() => requireSelfContained(writeMessage(fields))).toThrow(
      'tensor "leak" keeps its data outside the file, in ".env": a model file holds all of its data; save it with the data inside, such as onnx.save_model(model, path, save_as_external_data=False)',
    );
  });

  test("with the location alone, or with the mark alone", () => {
    const entry = messageField(TENSOR.externalData, [textField(ENTRY.key, "location")]);
    // As an int32, 2^32 + 1 is EXTERNAL too.
    const marks = [1, 2, 2n ** 32n + 1n].map((mark) => integerField(TENSOR.dataLocation, mark));
    for (const field of [entry, ...marks]) {
      const bytes = writeMessage([graph(messageField(GRAPH.initializer, [field]))]);
      expect(() => requireSelfContained(bytes)).toThrow("outside the file");
    }
    const inside = graph(messageField(GRAPH.initializer, [integerField(TENSOR.dataLocation, 0)]));
    expect(() => requireSelfContained(writeMessage([inside]))).not.toThrow();
  });

  test("by everything that opens a session", async () => {
    const bytes = writeMessage([graph(elsewhere(GRAPH.initializer))]);
    await expect(createInferenceSession(bytes)).rejects.toThrow("outside the file");
    await expect(openForeignModel(bytes)).rejects.toThrow("outside the file");
  });
});

test("operators that name files, and ONNX Runtime's own format, are rejected", () => {
  const node = nodeField("EPContext", { inputs: ["x"], outputs: ["y"] });
  expect(() => requireSelfContained(writeMessage([graph(nodeWith(subgraph(node)))]))).toThrow(
    "operator EPContext refers to files outside the model",
  );
  const ort = Uint8Array.from([24, 0, 0, 0, ...new TextEncoder().encode("ORTM"), 0, 0]);
  expect(() => requireSelfContained(ort)).toThrow("ONNX Runtime's own format");
});

describe("damaged files", () => {
  test.each<readonly [what: string, bytes: readonly number[], message: string]>([
    ["an empty file", [], "it has no graph"],
    ["a text", [...Buffer.from("features,class\n")], "not a protobuf message"],
    [
      "a length beyond the end",
      [0x3a, 0xff, 0xff, 0xff, 0xff, 0x07],
      "the bytes end within field 7",
    ],
    ["a length of 2^63", [0x3a, ...Array<number>(9).fill(0xff), 0x7f], "longer than 5 bytes"],
    ["a number that never ends", Array<number>(64).fill(0xff), "longer than 5 bytes"],
    ["a number cut off", [0x08, 0x80], "the bytes end within the number"],
    ["a tag beyond 32 bits", [0xba, 0x80, 0x80, 0x80, 0x10, 0x00], "is too large"],
    ["a field without a number", [0x02, 0x00], "without a number"],
    ["a group", [0x3b, 0x3c], "unknown kind"],
  ])("%s", (_what, bytes, message) => {
    expect(() => requireSelfContained(Uint8Array.from(bytes))).toThrow(message);
  });

  test("nested 1,000 deep", () => {
    let inner = textField(GRAPH.name, "innermost");
    for (let depth = 0; depth < 1000; depth += 1) inner = nodeWith(subgraph(inner));
    const bytes = writeMessage([graph(inner)]);
    expect(() => requireSelfContained(bytes)).toThrow("nested deeper than 100");
  });

  test("cut anywhere, or with any bytes changed: accepted or rejected, never anything else", () => {
    const size = forest.length;
    const change = fc.tuple(fc.nat(size - 1), fc.nat(255));
    const cut = fc.oneof(fc.constant(size), fc.nat(size));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), cut, (changes, length) => {
        const bytes = Uint8Array.from(forest.subarray(0, length));
        for (const [place, value] of changes) if (place < length) bytes[place] = value;
        const { message } = faultOf(bytes);
        expect(message).toMatch(
          /^(?:|it is not a protobuf message: .*|it has no graph|tensor .*)$/s,
        );
      }),
      { numRuns: 300 },
    );
  });
});

function faultOf(bytes: Uint8Array): { readonly message: string } {
  try {
    requireSelfContained(bytes);
    return { message: "" };
  } catch (error) {
    if (error instanceof Error && !(error instanceof RangeError)) return error;
    throw error;
  }
}

test("64 MiB of data are passed over by their length, and 5 million numbers one by one, in seconds of CPU", () => {
  const data = new Uint8Array(2 ** 26);
  const numbers = new Uint8Array(1e7).fill(ATTRIBUTE.integers << 3);
  const bytes = writeMessage([
    graph(
      messageField(GRAPH.initializer, [bytesField(TENSOR.rawData, data)]),
      messageField(GRAPH.node, [bytesField(NODE.attribute, numbers)]),
    ),
  ]);
  const started = process.cpuUsage();
  requireSelfContained(bytes);
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(10);
});
