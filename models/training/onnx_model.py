"""The shell that every exported graph shares: names, shapes, opsets, no producer noise."""

from __future__ import annotations

import onnx
from onnx import NodeProto, TensorProto, helper

AI_ONNX_OPSET = 22
# TreeEnsembleRegressor is deprecated from ai.onnx.ml 5 on; its last definition is of 3.
AI_ONNX_ML_OPSET = 3
# ONNX Runtime's own operators, such as Tokenizer.
MICROSOFT_OPSET = 1
IR_VERSION = 10

FEATURES = "features"
TEXT = "text"
CLASS = "class"
PROBA = "proba"
VALUES = "values"


def build_model(
    name: str,
    nodes: list[NodeProto],
    constants: list[TensorProto],
    feature_count: int,
    output_count: int,
    *,
    input_name: str = FEATURES,
    regression: bool = False,
) -> bytes:
    """A checked ONNX file: `features` FLOAT [n, f] -> `class` INT64 [n], `proba` FLOAT [n, k].

    A regression gives `values` FLOAT [n, t] instead, as an embedding does; a text comes as `text`
    STRING [n, 1].
    """
    value = helper.make_tensor_value_info
    input_type = TensorProto.STRING if input_name == TEXT else TensorProto.FLOAT
    numbers = value(VALUES if regression else PROBA, TensorProto.FLOAT, ["n", output_count])
    graph = helper.make_graph(
        nodes,
        name,
        inputs=[value(input_name, input_type, ["n", feature_count])],
        outputs=[numbers] if regression else [value(CLASS, TensorProto.INT64, ["n"]), numbers],
        initializer=constants,
    )
    opsets = [helper.make_opsetid("", AI_ONNX_OPSET)]
    own = {node.domain for node in nodes}
    for domain, opset in (("ai.onnx.ml", AI_ONNX_ML_OPSET), ("com.microsoft", MICROSOFT_OPSET)):
        if domain in own:
            opsets.append(helper.make_opsetid(domain, opset))
    model = helper.make_model(
        graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="sepal"
    )
    onnx.checker.check_model(model, full_check=True)
    serialized: bytes = model.SerializeToString(deterministic=True)
    return serialized


def opset_versions(model: bytes) -> dict[str, int]:
    """The operator sets that a model imports, `ai.onnx` being the default domain."""
    imports = onnx.load_model_from_string(model).opset_import
    return {opset.domain or "ai.onnx": opset.version for opset in imports}
