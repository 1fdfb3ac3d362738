import { readFile } from "node:fs/promises";
import { createInferenceSession } from "@sepal/model/session/inference-session";
import { expect, test } from "vitest";
import { renameTensors, rewriteGraph, type Rewriting } from "./rewrite-graph.ts";
import { MODEL } from "@sepal/evaluator/onnx/onnx-fields";
import { readOnnx } from "./onnx-model.ts";
import { messageField, readMessage, writeMessage } from "@sepal/evaluator/onnx/wire-message";

const bytes = await readFile(new URL("../../../../models/iris-mlp/1/model.onnx", import.meta.url));
const ROWS = Float32Array.from([5.1, 3.5, 1.4, 0.2, 6, 2.7, 5.1, 1.6]);

async function answers(model: Uint8Array) {
  const session = await createInferenceSession(model);
  const { inputs, outputs } = session;
  const { classes, values } = await session.run(ROWS, 4);
  await session.release();
  return { inputs, outputs, classes: [...classes], values: [...values] };
}

/** The model with other names for its tensors. */
function renamed(names: Readonly<Record<string, string>>): Uint8Array {
  const { fields, graph } = readOnnx(bytes, "iris-mlp");
  const other = renameTensors(graph, (name) => names[name] ?? name);
  return writeMessage(
    fields.map((field) => (field.no === MODEL.graph ? messageField(MODEL.graph, other) : field)),
  );
}

const COLUMNS = [0, 1, 2, 3].map((feature) => ({ feature, texts: undefined, missing: undefined }));

/** Brings a model with these names to Sepal's form, as the class the label or else the likeliest one. */
function rewriting(names: {
  readonly features: string;
  readonly class: string | undefined;
  readonly proba: string;
}): Rewriting {
  const label =
    names.class === undefined
      ? undefined
      : { name: names.class, datatype: "INT64", rank: 1, labels: ["0", "1", "2"] };
  return {
    features: 4,
    batch: -1,
    inputs: [{ name: names.features, datatype: "FP32", rank: 2, columns: COLUMNS }],
    outputs: {
      task: "classification",
      classes: 3,
      label,
      proba: { name: names.proba, datatype: "FP32", rank: 2, ending: "none" },
    },
  };
}

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
  const model = rewriteGraph(readOnnx(renamed(names), "renamed"), rewriting(names));
  expect(await answers(model)).toEqual(await answers(bytes));
});

test("without a label of its own the class is the likeliest", async () => {
  const names = { features: "features", class: undefined, proba: "proba" };
  const model = rewriteGraph(readOnnx(bytes, "iris-mlp"), rewriting(names));
  expect(await answers(model)).toEqual(await answers(bytes));
  const operators = readOnnx(model, "rewritten").nodes.map(({ operator }) => operator);
  expect(operators.filter((operator) => operator === "ArgMax")).toHaveLength(1);
});
