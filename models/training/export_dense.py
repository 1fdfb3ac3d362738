"""Exports scaled linear models and multilayer perceptrons as plain matrix products."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from float32 import Float64Array
from onnx_model import CLASS, FEATURES, PROBA, build_model

Layer = tuple[Float64Array, Float64Array]
"""Weights `[inputs, outputs]` and biases `[outputs]`."""

T = TypeVar("T")

ACTIVATIONS = {"relu": "Relu", "tanh": "Tanh", "logistic": "Sigmoid"}


def export_scaled_logistic(pipeline: Pipeline) -> bytes:
    """StandardScaler + LogisticRegression as ONNX."""
    scaler, classifier = _scaler_and(pipeline, LogisticRegression)
    layers = [(classifier.coef_.T, classifier.intercept_)]
    return _export("logistic", scaler, layers, activation=None)


def export_scaled_mlp(pipeline: Pipeline) -> bytes:
    """StandardScaler + MLPClassifier as ONNX."""
    scaler, classifier = _scaler_and(pipeline, MLPClassifier)
    layers = list(zip(classifier.coefs_, classifier.intercepts_, strict=True))
    # `identity` has no operator: the layers follow one another directly.
    return _export("mlp", scaler, layers, ACTIVATIONS.get(classifier.activation))


def _scaler_and(pipeline: Pipeline, kind: type[T]) -> tuple[StandardScaler, T]:
    scaler, classifier = (step for _, step in pipeline.steps)
    if not isinstance(scaler, StandardScaler) or not isinstance(classifier, kind):
        raise TypeError(f"expected StandardScaler and {kind.__name__}, got {pipeline!r}")
    return scaler, classifier


def _export(
    name: str, scaler: StandardScaler, layers: list[Layer], activation: str | None
) -> bytes:
    feature_count = int(scaler.n_features_in_)
    layers = [_fold_scaler(scaler, layers[0]), *layers[1:]]
    layers = [*layers[:-1], _one_output_per_class(layers[-1])]
    class_count = len(layers[-1][1])

    # scikit-learn computes in float64; so does the graph between the two casts.
    nodes: list[NodeProto] = [
        helper.make_node("Cast", [FEATURES], ["hidden_0"], to=TensorProto.DOUBLE)
    ]
    constants: list[TensorProto] = []
    for index, (weights, biases) in enumerate(layers):
        inputs = [f"hidden_{index}", f"weights_{index}", f"biases_{index}"]
        constants += [
            numpy_helper.from_array(np.ascontiguousarray(weights), inputs[1]),
            numpy_helper.from_array(np.ascontiguousarray(biases), inputs[2]),
        ]
        last = index == len(layers) - 1
        output = "scores" if last else f"hidden_{index + 1}"
        if last or activation is None:
            nodes.append(helper.make_node("Gemm", inputs, [output]))
        else:
            nodes.append(helper.make_node("Gemm", inputs, [f"linear_{index}"]))
            nodes.append(helper.make_node(activation, [f"linear_{index}"], [output]))
    nodes += [
        helper.make_node("Softmax", ["scores"], ["proba_double"], axis=1),
        helper.make_node("Cast", ["proba_double"], [PROBA], to=TensorProto.FLOAT),
        helper.make_node("ArgMax", ["scores"], [CLASS], axis=1, keepdims=0),
    ]
    return build_model(name, nodes, constants, feature_count, class_count)


def _fold_scaler(scaler: StandardScaler, layer: Layer) -> Layer:
    """`((x - mean) / scale) W + b` as one product `x W' + b'`."""
    weights, biases = layer
    scaled = weights / scaler.scale_[:, None]
    return scaled, biases - scaler.mean_ @ scaled


def _one_output_per_class(layer: Layer) -> Layer:
    """With two classes scikit-learn keeps one score z; softmax of (0, z) is its sigmoid."""
    weights, biases = layer
    if len(biases) > 1:
        return layer
    return np.hstack([np.zeros_like(weights), weights]), np.append(0.0, biases)
