"""Exports scikit-learn's tree ensembles so that their predictions are those of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.pipeline import Pipeline

from float32 import Float32Array, Float64Array, round_down
from onnx_model import CLASS, FEATURES, PROBA, VALUES, build_model

Rounding = Callable[[Float64Array], Float32Array]
LEAF = -1
FLOAT32_MAX = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Trees:
    """The trees of an ensemble, and the feature of a row that each of their columns is."""

    trees: list[Any]
    columns: NDArray[np.int64]


def trees_of(estimator: Any) -> Trees:
    """The trees of a forest, of gradient boosting, or of a pipeline that ends with one.

    The pipeline's ColumnTransformer may reorder columns and replace texts by their index among the
    sorted values, which is the number that models take for them.
    """
    if isinstance(estimator, Pipeline):
        transformer, ensemble = (step for _, step in estimator.steps)
        order = [name for _, _, names in transformer.transformers_ for name in names]
        position = {name: index for index, name in enumerate(transformer.feature_names_in_)}
        return Trees(trees_of(ensemble).trees, np.array([position[name] for name in order]))
    trees = [tree.tree_ for tree in np.ravel(estimator.estimators_)]
    return Trees(trees, np.arange(estimator.n_features_in_))


def split_points(estimator: Any) -> tuple[np.ndarray, Float64Array]:
    """The distinct splits of an ensemble: feature indices and float64 thresholds."""
    ensemble = trees_of(estimator)
    splits = {
        (int(ensemble.columns[feature]), float(threshold))
        for tree in ensemble.trees
        for feature, threshold, child in zip(
            tree.feature, tree.threshold, tree.children_left, strict=True
        )
        # A split of missing values from all others has no finite threshold.
        if child != LEAF and np.isfinite(threshold)
    }
    features, thresholds = zip(*sorted(splits), strict=True)
    return np.array(features), np.array(thresholds)


def export_forest(
    forest: RandomForestClassifier | ExtraTreesClassifier | Pipeline,
    round_threshold: Rounding = round_down,
) -> bytes:
    """The forest as ONNX, in float32 throughout.

    TreeEnsembleRegressor sums the trees' class fractions and the graph divides by the
    tree count: dividing each leaf instead would add one rounding error a tree, and a row
    on which all trees agree would not answer exactly 1. The operator TreeEnsemble of
    ai.onnx.ml 5 gives the same answers; README.md has the latency of both.
    """
    mixed = isinstance(forest, Pipeline)
    ensemble = trees_of(forest)
    class_count = len(forest.classes_)
    nodes = [
        _trees("votes", ensemble, class_count, round_threshold, missing=mixed),
        helper.make_node("Div", ["votes", "tree_count"], [PROBA]),
        # The first of equal classes wins, as in numpy.argmax.
        helper.make_node("ArgMax", ["votes"], [CLASS], axis=1, keepdims=0),
    ]
    tree_count = _constant("tree_count", len(ensemble.trees))
    return build_model("forest", nodes, [tree_count], int(forest.n_features_in_), class_count)


def export_boosting(boosting: GradientBoostingRegressor) -> bytes:
    """Gradient boosting for a number as ONNX, in float32 throughout.

    The trees sum their unscaled leaves, of either sign; the graph scales them and adds the mean
    once. A mean among the summands would cost each of them a rounding of its own magnitude.
    """
    nodes = [
        _trees("steps", trees_of(boosting), 1, round_down, missing=False),
        helper.make_node("Mul", ["steps", "learning_rate"], ["correction"]),
        helper.make_node("Add", ["correction", "mean"], [VALUES]),
    ]
    constants = [
        _constant("learning_rate", boosting.learning_rate),
        _constant("mean", float(boosting.init_.constant_.item())),
    ]
    return build_model(
        "boosting", nodes, constants, int(boosting.n_features_in_), 1, regression=True
    )


def _constant(name: str, value: float) -> TensorProto:
    return numpy_helper.from_array(np.array(value, dtype=np.float32), name)


def _trees(
    output: str, ensemble: Trees, width: int, round_threshold: Rounding, *, missing: bool
) -> NodeProto:
    """The sum of the leaves that a row reaches; `missing` lets a missing value follow its side."""
    nodes: dict[str, list[Any]] = {
        f"nodes_{field}": []
        for field in (
            "treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids"
        )
    }  # fmt: skip
    if missing:
        nodes["nodes_missing_value_tracks_true"] = []
    targets: dict[str, list[Any]] = {
        f"target_{field}": [] for field in ("treeids", "nodeids", "ids", "weights")
    }
    for tree_id, tree in enumerate(ensemble.trees):
        leaf = tree.children_left == LEAF
        nodes["nodes_treeids"] += [tree_id] * tree.node_count
        nodes["nodes_nodeids"] += range(tree.node_count)
        nodes["nodes_featureids"] += np.where(leaf, 0, ensemble.columns[tree.feature]).tolist()
        nodes["nodes_modes"] += np.where(leaf, "LEAF", "BRANCH_LEQ").tolist()
        # Infinite where missing values are split from all others.
        thresholds = np.where(leaf, 0.0, np.minimum(tree.threshold, FLOAT32_MAX))
        nodes["nodes_values"] += round_threshold(thresholds).tolist()
        nodes["nodes_truenodeids"] += np.where(leaf, 0, tree.children_left).tolist()
        nodes["nodes_falsenodeids"] += np.where(leaf, 0, tree.children_right).tolist()
        if missing:
            left = np.where(leaf, 0, tree.missing_go_to_left)
            nodes["nodes_missing_value_tracks_true"] += left.tolist()

        leaves = tree.value[:, 0, :]
        for node_id, target_id in np.argwhere(leaf[:, None] & (leaves != 0)).tolist():
            targets["target_treeids"].append(tree_id)
            targets["target_nodeids"].append(node_id)
            targets["target_ids"].append(target_id)
            targets["target_weights"].append(float(leaves[node_id, target_id]))
    return helper.make_node(
        "TreeEnsembleRegressor",
        [FEATURES],
        [output],
        domain="ai.onnx.ml",
        n_targets=width,
        aggregate_function="SUM",
        post_transform="NONE",
        **nodes,
        **targets,
    )
