"""Golden vectors: inputs with the answers of scikit-learn itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export_forest import Forest, split_points
from float32 import Float32Array, Float64Array, next_above, round_down, shortest

RANDOM_ROWS = 2000
THRESHOLD_PAIRS = 300
CANDIDATES = 64
WIDENING = 0.05
"""Share of a feature's training range by which random rows may leave it at either end."""


@dataclass(frozen=True)
class Group:
    """Rows `[n, f]` with class indices `[n]` and probabilities `[n, k]`."""

    name: str
    features: Float32Array
    classes: NDArray[np.int64]
    proba: Float64Array


def random_rows(
    training_rows: Float64Array, count: int, generator: np.random.Generator
) -> Float32Array:
    """Rows drawn uniformly over the widened training ranges; positive features stay positive."""
    low, high = training_rows.min(axis=0), training_rows.max(axis=0)
    margin = (high - low) * WIDENING
    lowest = np.where(low > 0, np.maximum(low - margin, low / 2), low - margin)
    return generator.uniform(lowest, high + margin, (count, len(low))).astype(np.float32)


def threshold_rows(
    forest: Forest, training_rows: Float64Array, generator: np.random.Generator
) -> Float32Array:
    """Pairs of rows that lie on a split of the forest and one float32 step above it.

    All other features are random. Among the candidates of a split the first whose answer
    changes between the two sides is taken, because only then does the row test the split.
    """
    features, thresholds = split_points(forest)
    chosen = np.resize(generator.permutation(len(features)), max(THRESHOLD_PAIRS, len(features)))
    candidates = random_rows(training_rows, len(chosen) * CANDIDATES, generator)
    columns = np.repeat(features[chosen], CANDIDATES)
    on = round_down(thresholds[chosen]).repeat(CANDIDATES)

    below, above = candidates.copy(), candidates
    below[np.arange(len(below)), columns] = on
    above[np.arange(len(above)), columns] = next_above(on)
    changes = (forest.predict_proba(below) != forest.predict_proba(above)).any(axis=1)
    picked = changes.reshape(-1, CANDIDATES).argmax(axis=1) + np.arange(len(chosen)) * CANDIDATES
    return np.stack([below[picked], above[picked]], axis=1).reshape(-1, below.shape[1])


def answer(name: str, estimator: Any, features: Float32Array) -> Group:
    """A group with the estimator's answers.

    The values are float32, the arithmetic is the estimator's own float64: scikit-learn's
    scaler would otherwise round its intermediate results to the type of its input.
    """
    rows = features.astype(np.float64)
    return Group(name, features, estimator.predict(rows), estimator.predict_proba(rows))


def to_json(groups: list[Group]) -> str:
    """One row a line; features as the shortest float32 decimals, proba as float64."""
    return '{\n  "groups": [\n' + ",\n".join(map(_group_json, groups)) + "\n  ]\n}\n"


def from_json(text: str) -> list[Group]:
    """Reads back what `to_json` wrote."""
    return [
        Group(
            group["name"],
            np.array(group["features"], dtype=np.float32),
            np.array(group["class"], dtype=np.int64),
            np.array(group["proba"], dtype=np.float64),
        )
        for group in json.loads(text)["groups"]
    ]


def _group_json(group: Group) -> str:
    features = [",".join(map(shortest, row)) for row in group.features]
    proba = [",".join(map(repr, row)) for row in group.proba.tolist()]
    return (
        f'    {{\n      "name": "{group.name}",\n'
        f'      "features": {_rows_json(features)},\n'
        f'      "class": [{",".join(map(str, group.classes.tolist()))}],\n'
        f'      "proba": {_rows_json(proba)}\n    }}'
    )


def _rows_json(rows: list[str]) -> str:
    return "[\n" + ",\n".join(f"        [{row}]" for row in rows) + "\n      ]"
