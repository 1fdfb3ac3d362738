import { readFile } from "node:fs/promises";
import { createInferenceSession } from "@sepal/model/session/inference-session";
import { expect, test } from "vitest";
import { conformGraph, renameTensors } from "./conform-graph.ts";
import { MODEL } from "@sepal/model/onnx/onnx-fields";
import { readOnnx } from "./onnx-model.ts";
import { messageField, readMessage, writeMessage } from "@sepal/model/onnx/wire-message";

const bytes = await readFile(new URL("../../../../models/iris-mlp/1/model.onnx", import.meta.url));
const ROWS = Float32Array.from([5.1, 3.5, 1.4, 0.2, 6, 2.7, 5.1, 1.6]);

async function answers(model: Uint8Array) {
  const session = await createInferenceSession(model);
  const { inputs, outputs } = session;
  const { classes, proba } = await session.run(ROWS, 4);
  await session.release();
  return { inputs, outputs, classes: [...classes], proba: [...proba] };
}

/** The model with other names for its tensors. */
function renamed(names: Readonly<Record<string, string>>): Uint8Array {
  const { fields, graph } = readOnnx(bytes, "iris-mlp");
  const other = renameTensors(graph, (name) => names[name] ?? name);
  return writeMessage(
    fields.map((field) => (field.no === MODEL.graph ? messageField(MODEL.graph, other) : field)),
  );
}

const SIGNATURE = { width: 4, classes: 3, labelIsIndex: true, zipMap: false };

test("a message is written back as it was read", () => {
  expect(Buffer.from(writeMessage(readMessage(bytes)))).toEqual(bytes);
});

test.each([
  ["other names", { features: "X", class: "label", proba: "probabilities" }],
  [
    "Sepal's names on other tensors",
    {
      features: "X",
      class: "label",
      proba: "P",
      hidden_0: "features",
      hidden_1: "proba",
      scores: "class",
    },
  ],
  ["Sepal's names the wrong way round", { features: "proba", class: "features", proba: "class" }],
])("%s are put right, and every answer stays", async (_what, names) => {
  const model = renamed(names);
  const signature = {
    ...SIGNATURE,
    input: { name: names.features, datatype: "FP32" },
    label: { name: names.class, datatype: "INT64" },
    proba: { name: names.proba, datatype: "FP32" },
  };
  const target = { signature, features: 4, classes: 3 };
  expect(await answers(conformGraph(readOnnx(model, "renamed"), target))).toEqual(
    await answers(bytes),
  );
});

test("without a label of its own the class is the likeliest", async () => {
  const signature = {
    ...SIGNATURE,
    input: { name: "features", datatype: "FP32" },
    label: undefined,
    proba: { name: "proba", datatype: "FP32" },
  };
  const model = conformGraph(readOnnx(bytes, "iris-mlp"), { signature, features: 4, classes: 3 });
  expect(await answers(model)).toEqual(await answers(bytes));
  const operators = readOnnx(model, "conformed").nodes.map(({ operator }) => operator);
  expect(operators.filter((operator) => operator === "ArgMax")).toHaveLength(1);
});
