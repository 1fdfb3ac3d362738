"""Exports scaled linear models and multilayer perceptrons as plain matrix products."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from float32 import Float64Array
from onnx_model import CLASS, FEATURES, PROBA, VALUES, build_model

Layer = tuple[Float64Array, Float64Array]
"""Weights `[inputs, outputs]` and biases `[outputs]`."""

T = TypeVar("T")

ACTIVATIONS = {"relu": "Relu", "tanh": "Tanh", "logistic": "Sigmoid"}

# scikit-learn computes in float64; so do the graphs between the two casts.
TO_DOUBLE = helper.make_node("Cast", [FEATURES], ["hidden_0"], to=TensorProto.DOUBLE)


def export_scaled_logistic(pipeline: Pipeline) -> bytes:
    """StandardScaler + LogisticRegression as ONNX."""
    scaler, classifier = _scaler_and(pipeline, LogisticRegression)
    layers = [_fold_scaler(scaler, (classifier.coef_.T, classifier.intercept_))]
    return _export_classifier("logistic", scaler.n_features_in_, layers)


def export_scaled_mlp(pipeline: Pipeline) -> bytes:
    """StandardScaler + MLPClassifier as ONNX."""
    scaler, classifier = _scaler_and(pipeline, MLPClassifier)
    first, *others = zip(classifier.coefs_, classifier.intercepts_, strict=True)
    # `identity` has no operator: the layers follow one another directly.
    return _export_classifier(
        "mlp",
        scaler.n_features_in_,
        [_fold_scaler(scaler, first), *others],
        ACTIVATIONS.get(classifier.activation),
    )


def export_scaled_ridge(pipeline: Pipeline) -> bytes:
    """StandardScaler + Ridge for one number as ONNX."""
    scaler, ridge = _scaler_and(pipeline, Ridge)
    layer = _fold_scaler(scaler, (ridge.coef_.reshape(-1, 1), np.ravel(ridge.intercept_)))
    nodes, constants = _products([layer], None)
    cast = helper.make_node("Cast", ["scores"], [VALUES], to=TensorProto.FLOAT)
    nodes = [TO_DOUBLE, *nodes, cast]
    return build_model("ridge", nodes, constants, scaler.n_features_in_, 1, regression=True)


def export_mixed_logistic(pipeline: Pipeline) -> bytes:
    """A ColumnTransformer of imputed numbers and categories + LogisticRegression as ONNX.

    Imputers become one Where, the scaler is folded into the weights, and one-hot columns are
    comparisons with the index of a value.
    """
    transformer, classifier = (step for _, step in pipeline.steps)
    if not isinstance(transformer, ColumnTransformer):
        raise TypeError(f"expected a ColumnTransformer, got {pipeline!r}")
    position = {name: index for index, name in enumerate(transformer.feature_names_in_)}
    (_, number_steps, numbers), (_, category_steps, categories) = transformer.transformers_
    number_imputer, scaler = (step for _, step in number_steps.steps)
    category_imputer, encoder = (step for _, step in category_steps.steps)
    values = [list(found) for found in encoder.categories_]

    fill = np.zeros(len(position))
    fill[[position[name] for name in numbers]] = number_imputer.statistics_
    for name, found, frequent in zip(categories, values, category_imputer.statistics_, strict=True):
        fill[position[name]] = found.index(frequent)
    codes = [code for found in values for code in range(len(found))]
    lengths = [len(found) for found in values]
    sources = np.repeat([position[name] for name in categories], lengths)

    weights, biases = classifier.coef_.T, classifier.intercept_
    scaled, biases = _fold_scaler(scaler, (weights[: len(numbers)], biases))
    layer = (np.vstack([scaled, weights[len(numbers) :]]), biases)
    constants = [
        numpy_helper.from_array(fill[None, :], "fill"),
        numpy_helper.from_array(np.array([position[name] for name in numbers]), "numbers_at"),
        numpy_helper.from_array(sources, "categories_at"),
        numpy_helper.from_array(np.array([codes], dtype=np.float64), "codes"),
    ]
    node = helper.make_node
    nodes = [
        node("Cast", [FEATURES], ["given"], to=TensorProto.DOUBLE),
        node("IsNaN", ["given"], ["missing"]),
        node("Where", ["missing", "fill", "given"], ["filled"]),
        node("Gather", ["filled", "numbers_at"], ["numbers"], axis=1),
        node("Gather", ["filled", "categories_at"], ["categories"], axis=1),
        node("Equal", ["categories", "codes"], ["is_value"]),
        node("Cast", ["is_value"], ["one_hot"], to=TensorProto.DOUBLE),
        node("Concat", ["numbers", "one_hot"], ["hidden_0"], axis=1),
    ]
    return _export_classifier(
        "logistic", len(position), [layer], before=nodes, constants_before=constants
    )


def _scaler_and(pipeline: Pipeline, kind: type[T]) -> tuple[StandardScaler, T]:
    scaler, estimator = (step for _, step in pipeline.steps)
    if not isinstance(scaler, StandardScaler) or not isinstance(estimator, kind):
        raise TypeError(f"expected StandardScaler and {kind.__name__}, got {pipeline!r}")
    return scaler, estimator


def _products(
    layers: list[Layer], activation: str | None
) -> tuple[list[NodeProto], list[TensorProto]]:
    """The layers, from the tensor `hidden_0` to `scores`, and their weights."""
    nodes: list[NodeProto] = []
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
    return nodes, constants


def _export_classifier(
    name: str,
    feature_count: int,
    layers: list[Layer],
    activation: str | None = None,
    *,
    before: list[NodeProto] | None = None,
    constants_before: list[TensorProto] | None = None,
) -> bytes:
    layers = [*layers[:-1], one_output_per_class(layers[-1])]
    nodes, constants = _products(layers, activation)
    nodes = [
        *(before or [TO_DOUBLE]),
        *nodes,
        helper.make_node("Softmax", ["scores"], ["proba_double"], axis=1),
        helper.make_node("Cast", ["proba_double"], [PROBA], to=TensorProto.FLOAT),
        helper.make_node("ArgMax", ["scores"], [CLASS], axis=1, keepdims=0),
    ]
    constants = [*(constants_before or []), *constants]
    return build_model(name, nodes, constants, int(feature_count), len(layers[-1][1]))


def _fold_scaler(scaler: StandardScaler, layer: Layer) -> Layer:
    """`((x - mean) / scale) W + b` as one product `x W' + b'`."""
    weights, biases = layer
    scaled = weights / scaler.scale_[:, None]
    return scaled, biases - scaler.mean_ @ scaled


def one_output_per_class(layer: Layer) -> Layer:
    """With two classes scikit-learn keeps one score z; softmax of (0, z) is its sigmoid."""
    weights, biases = layer
    if len(biases) > 1:
        return layer
    return np.hstack([np.zeros_like(weights), weights]), np.append(0.0, biases)
