import { decodeModel } from "@sepal/evaluator/binary-form";
import { NotEvaluated, type EvaluatorModel } from "@sepal/evaluator/evaluator-model";
import { createEvaluator } from "@sepal/evaluator/evaluate";
import { readGraph, readLinear } from "@sepal/evaluator/read-graph";
import { unavailable } from "@sepal/schema/unavailable";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Engine } from "../engine.ts";
import { createInferenceSession, type InferenceSession } from "./inference-session.ts";

/** A session in plain TypeScript. */
export function createEvaluatorSession(model: EvaluatorModel): InferenceSession {
  const evaluator = createEvaluator(model);
  const { width, outputs, hasClass } = evaluator;
  const values = { name: hasClass ? "proba" : "values", datatype: "FP32", shape: [-1, outputs] };
  let released = false;
  return {
    inputs: [{ name: "features", datatype: "FP32", shape: [-1, width] }],
    outputs: [
      ...(hasClass ? [{ name: "class", datatype: "INT64", shape: [-1] }] : []),
      ...(outputs > 0 ? [values] : []),
    ],
    async run(rows, rowWidth) {
      if (released) throw unavailable("the model version was replaced");
      // As ONNX Runtime: what arrives meanwhile is seen to wait, so that an overload is rejected.
      await nextTurn();
      if (!(rows instanceof Float32Array)) throw new TypeError("the evaluator takes numbers");
      const started = performance.now();
      const result = evaluator.evaluate(rows, rows.length / rowWidth);
      return { ...result, started, ended: performance.now() };
    },
    async release() {
      released = true;
    },
  };
}

/** The trees or coefficients of an ONNX file; `undefined` where it holds something else. */
function closedFormOf(onnx: Uint8Array): EvaluatorModel | undefined {
  for (const read of [readGraph, readLinear]) {
    try {
      return read(onnx);
    } catch (error) {
      if (!(error instanceof NotEvaluated)) throw error;
    }
  }
  return undefined;
}

/** A model in memory, ready to predict. */
export interface OpenedModel {
  readonly session: InferenceSession;
  /** The trees or coefficients that explanations are computed from; `undefined` where the model is neither. */
  readonly closedForm: () => EvaluatorModel | undefined;
}

/** Opens a model in the form of its engine: the evaluator's binary form, or an ONNX file. */
export async function openModel(name: Engine["name"], bytes: Uint8Array): Promise<OpenedModel> {
  if (name === "evaluator") {
    const model = decodeModel(new Uint8Array(bytes));
    return { session: createEvaluatorSession(model), closedForm: () => model };
  }
  // ONNX Runtime takes no shared memory, and has its own once the session is open.
  const copy = new Uint8Array(bytes);
  const session = await createInferenceSession(copy);
  copy.buffer.transfer(0);
  let read: { readonly model: EvaluatorModel | undefined } | undefined;
  return {
    session,
    closedForm: () => (read ??= { model: closedFormOf(new Uint8Array(bytes)) }).model,
  };
}
