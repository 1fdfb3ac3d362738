"""Golden vectors: inputs with the predictions of scikit-learn itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier

from export_trees import split_points
from float32 import Float32Array, Float64Array, next_above, round_down, shortest

RANDOM_ROWS = 2000
THRESHOLD_PAIRS = 300
CANDIDATES = 64
WIDENING = 0.05
"""Share of a feature's training range by which random rows may leave it at either end."""


MISSING = 0.1
"""Share of random rows that lack the value of a feature which rows may lack."""

Rows = Float32Array | NDArray[np.object_]
"""Numbers `[n, f]`, or texts `[n, 1]`."""

Table = Callable[[NDArray[Any]], Any]
"""Makes the table that an estimator takes of rows as models take them."""


@dataclass(frozen=True)
class Draws:
    """What random rows keep to, as positions of features."""

    whole: Sequence[int] = ()
    """Whole numbers within the training range, such as the index of a category's value."""
    nullable: Sequence[int] = ()
    """Missing in some rows."""


NUMBERS = Draws()


@dataclass(frozen=True)
class Group:
    """Rows `[n, f]` with probabilities `[n, k]`, target values `[n, 1]` or vectors `[n, d]`."""

    name: str
    features: Rows
    """As models take them: categories by the index of their value, NaN where one is missing."""
    classes: NDArray[np.int64] | None
    """Class indices `[n]`; of a classification alone."""
    numbers: Float64Array


def random_rows(
    training_rows: Float64Array,
    count: int,
    generator: np.random.Generator,
    draws: Draws = NUMBERS,
) -> Float32Array:
    """Rows drawn uniformly over the widened training ranges; positive features stay positive."""
    low, high = np.nanmin(training_rows, axis=0), np.nanmax(training_rows, axis=0)
    margin = (high - low) * WIDENING
    lowest = np.where(low > 0, np.maximum(low - margin, low / 2), low - margin)
    rows = generator.uniform(lowest, high + margin, (count, len(low)))
    for column in draws.whole:
        rows[:, column] = generator.integers(low[column], high[column], count, endpoint=True)
    for column in draws.nullable:
        rows[generator.random(count) < MISSING, column] = np.nan
    return rows.astype(np.float32)


def threshold_rows(
    trees: Any,
    training_rows: Float64Array,
    generator: np.random.Generator,
    draws: Draws = NUMBERS,
    table: Table = lambda rows: rows,
) -> Float32Array:
    """Pairs of rows that lie on a split of the ensemble and one float32 step above it.

    All other features are random. Among the candidates of a split the first whose prediction
    changes between the two sides is taken, because only then does the row test the split.
    A whole number never lies next to a split.
    """
    features, thresholds = split_points(trees)
    usable = ~np.isin(features, draws.whole)
    features, thresholds = features[usable], thresholds[usable]
    chosen = np.resize(generator.permutation(len(features)), max(THRESHOLD_PAIRS, len(features)))
    candidates = random_rows(training_rows, len(chosen) * CANDIDATES, generator, draws)
    columns = np.repeat(features[chosen], CANDIDATES)
    on = round_down(thresholds[chosen]).repeat(CANDIDATES)

    below, above = candidates.copy(), candidates
    below[np.arange(len(below)), columns] = on
    above[np.arange(len(above)), columns] = next_above(on)
    changes = (numbers(trees, table(below)) != numbers(trees, table(above))).any(axis=1)
    picked = changes.reshape(-1, CANDIDATES).argmax(axis=1) + np.arange(len(chosen)) * CANDIDATES
    return np.stack([below[picked], above[picked]], axis=1).reshape(-1, below.shape[1])


def numbers(estimator: Any, rows: Any) -> Float64Array:
    """Probabilities `[n, k]` of a classifier, values `[n, 1]` of a regressor."""
    if is_classifier(estimator):
        return estimator.predict_proba(rows)
    return np.reshape(estimator.predict(rows), (-1, 1))


def answer(
    name: str, estimator: Any, features: Float32Array, table: Table = lambda rows: rows
) -> Group:
    """A group with the estimator's own predictions of the table of these rows.

    The values are float32, the arithmetic is the estimator's own float64: scikit-learn's
    scaler would otherwise round its intermediate results to the type of its input.
    """
    rows = table(features.astype(np.float64))
    classes = estimator.predict(rows) if is_classifier(estimator) else None
    return Group(name, features, classes, numbers(estimator, rows))


def to_json(groups: list[Group]) -> str:
    """One row a line; features as the shortest float32 decimals, predictions as float64."""
    return '{\n  "groups": [\n' + ",\n".join(map(_group_json, groups)) + "\n  ]\n}\n"


def from_json(text: str) -> list[Group]:
    """Reads back what `to_json` wrote."""
    return [
        Group(
            group["name"],
            _rows(group["features"]),
            np.array(group["class"], dtype=np.int64) if "class" in group else None,
            np.array(group["proba"] if "class" in group else group["values"], dtype=np.float64),
        )
        for group in json.loads(text)["groups"]
    ]


def _rows(features: list[list[Any]]) -> Rows:
    # Texts as objects: a string of numpy loses the NULs at its end.
    return np.array(features, dtype=object if isinstance(features[0][0], str) else np.float32)


def _group_json(group: Group) -> str:
    features = [",".join(map(_feature_json, row)) for row in group.features]
    rows = _rows_json([",".join(map(repr, row)) for row in group.numbers.tolist()])
    if group.classes is None:
        predictions = f'      "values": {rows}'
    else:
        classes = ",".join(map(str, group.classes.tolist()))
        predictions = f'      "class": [{classes}],\n      "proba": {rows}'
    return (
        f'    {{\n      "name": "{group.name}",\n'
        f'      "features": {_rows_json(features)},\n{predictions}\n    }}'
    )


def _feature_json(value: np.float32 | str) -> str:
    if isinstance(value, str):
        return json.dumps(value)
    return "null" if np.isnan(value) else shortest(value)


def _rows_json(rows: list[str]) -> str:
    return "[\n" + ",\n".join(f"        [{row}]" for row in rows) + "\n      ]"
