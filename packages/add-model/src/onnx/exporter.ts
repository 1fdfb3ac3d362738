import { MODEL } from "@sepal/evaluator/onnx/onnx-fields";
import { texts } from "@sepal/evaluator/onnx/wire-message";
import { listOf, type OnnxModel } from "./onnx-model.ts";

/** What a file can need from the tool that made it. */
type Need = "batch" | "external" | "probabilities" | "columns";

/** A tool that makes ONNX files, and how it makes what is needed. */
export interface Exporter {
  readonly name: string;
  readonly remedies: Readonly<Record<Need, string>>;
}

const TYPES = 'initial_types=[("X", FloatTensorType([None, features]))]';

const SCIKIT_LEARN: Exporter = {
  name: "scikit-learn (skl2onnx)",
  remedies: {
    batch: `to_onnx(model, ${TYPES})`,
    external: "onnx.save_model(model, path, save_as_external_data=False)",
    probabilities:
      'to_onnx(model, …, options={id(model): {"zipmap": False}}) without raw_scores, of an estimator that has predict_proba',
    columns: `to_onnx(model, ${TYPES})`,
  },
};

function onnxmltools(library: string, convert: string): Exporter {
  const call = `onnxmltools.${convert}(model, initial_types=[("input", FloatTensorType([None, features]))])`;
  return {
    name: `${library} (onnxmltools)`,
    remedies: {
      batch: call,
      external: SCIKIT_LEARN.remedies.external,
      probabilities: call,
      columns: call,
    },
  };
}

const CATBOOST: Exporter = {
  name: "CatBoost",
  remedies: {
    batch: 'model.save_model(path, format="onnx")',
    external: SCIKIT_LEARN.remedies.external,
    probabilities: 'CatBoostClassifier(…).save_model(path, format="onnx")',
    columns: 'model.save_model(path, format="onnx"), which takes numeric features alone',
  },
};

const PYTORCH: Exporter = {
  name: "PyTorch",
  remedies: {
    batch:
      'torch.onnx.export(model, (row,), path, dynamic_shapes=({0: torch.export.Dim("batch")},)), or dynamic_axes={"input": {0: "batch"}} with dynamo=False',
    external: "torch.onnx.export(…, external_data=False)",
    probabilities: "torch.nn.Sequential(model, torch.nn.Softmax(dim=1))",
    columns: "a forward() of one tensor [n, features]",
  },
};

const ANY: Exporter = {
  name: "an unknown tool",
  remedies: {
    batch: "a dynamic first dimension",
    external: SCIKIT_LEARN.remedies.external,
    probabilities: "an output of probabilities [n, classes]",
    columns: "one input FLOAT [n, features]",
  },
};

/** The tool that a file says it is from, as far as its producer and its nodes show. */
export function exporterOf({ fields, nodes }: OnnxModel): Exporter {
  const [producer = ""] = texts(fields, MODEL.producer);
  if (/skl2onnx/i.test(producer)) return SCIKIT_LEARN;
  if (/catboost/i.test(producer)) return CATBOOST;
  if (/pytorch/i.test(producer)) return PYTORCH;
  if (!/onnxmltools/i.test(producer)) return ANY;
  // XGBoost's trees ask for less than a threshold, LightGBM's for at most it.
  const modes = nodes.flatMap((node) => listOf(node, ["nodes_modes"]) ?? []);
  return modes.includes("BRANCH_LT")
    ? onnxmltools("XGBoost", "convert_xgboost")
    : onnxmltools("LightGBM", "convert_lightgbm");
}
