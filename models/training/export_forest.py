"""Exports a scikit-learn forest so that its answers are those of `predict_proba`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from onnx import helper, numpy_helper
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from float32 import Float32Array, Float64Array, round_down
from onnx_model import CLASS, FEATURES, PROBA, build_model

Forest: TypeAlias = RandomForestClassifier | ExtraTreesClassifier
LEAF = -1


def export_forest(
    forest: Forest, round_threshold: Callable[[Float64Array], Float32Array] = round_down
) -> bytes:
    """The forest as ONNX, in float32 throughout.

    TreeEnsembleRegressor sums the trees' class fractions and the graph divides by the
    tree count: dividing each leaf instead would add one rounding error a tree, and a row
    on which all trees agree would not answer exactly 1. The operator TreeEnsemble of
    ai.onnx.ml 5 gives the same answers; README.md has the latency of both.
    """
    class_count = int(forest.n_classes_)
    trees = helper.make_node(
        "TreeEnsembleRegressor",
        [FEATURES],
        ["votes"],
        domain="ai.onnx.ml",
        n_targets=class_count,
        aggregate_function="SUM",
        post_transform="NONE",
        **_tree_attributes(forest, round_threshold),
    )
    nodes = [
        trees,
        helper.make_node("Div", ["votes", "tree_count"], [PROBA]),
        # The first of equal classes wins, as in numpy.argmax.
        helper.make_node("ArgMax", ["votes"], [CLASS], axis=1, keepdims=0),
    ]
    tree_count = numpy_helper.from_array(
        np.array(len(forest.estimators_), dtype=np.float32), "tree_count"
    )
    return build_model("forest", nodes, [tree_count], int(forest.n_features_in_), class_count)


def split_points(forest: Forest) -> tuple[np.ndarray, Float64Array]:
    """The distinct splits of a forest: feature indices and float64 thresholds."""
    trees = [estimator.tree_ for estimator in forest.estimators_]
    splits = {
        (int(feature), float(threshold))
        for tree in trees
        for feature, threshold, child in zip(
            tree.feature, tree.threshold, tree.children_left, strict=True
        )
        if child != LEAF
    }
    features, thresholds = zip(*sorted(splits), strict=True)
    return np.array(features), np.array(thresholds)


def _tree_attributes(
    forest: Forest, round_threshold: Callable[[Float64Array], Float32Array]
) -> dict[str, Any]:
    nodes: dict[str, list[Any]] = {
        f"nodes_{field}": []
        for field in (
            "treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids"
        )
    }  # fmt: skip
    targets: dict[str, list[Any]] = {
        f"target_{field}": [] for field in ("treeids", "nodeids", "ids", "weights")
    }
    for tree_id, estimator in enumerate(forest.estimators_):
        tree = estimator.tree_
        leaf = tree.children_left == LEAF
        nodes["nodes_treeids"] += [tree_id] * tree.node_count
        nodes["nodes_nodeids"] += range(tree.node_count)
        nodes["nodes_featureids"] += np.where(leaf, 0, tree.feature).tolist()
        nodes["nodes_modes"] += np.where(leaf, "LEAF", "BRANCH_LEQ").tolist()
        thresholds = np.where(leaf, 0.0, tree.threshold)
        nodes["nodes_values"] += round_threshold(thresholds).tolist()
        nodes["nodes_truenodeids"] += np.where(leaf, 0, tree.children_left).tolist()
        nodes["nodes_falsenodeids"] += np.where(leaf, 0, tree.children_right).tolist()

        fractions = tree.value[:, 0, :]
        for node_id, class_id in np.argwhere(leaf[:, None] & (fractions > 0)).tolist():
            targets["target_treeids"].append(tree_id)
            targets["target_nodeids"].append(node_id)
            targets["target_ids"].append(class_id)
            targets["target_weights"].append(float(fractions[node_id, class_id]))
    return nodes | targets
