"""Builds the manifest of a model version: what it is, what it was trained on, its checksums."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from typing import Any

import numpy as np
import onnx
import sklearn
from sklearn.base import clone
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import (
    KFold,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
)

from catalog import SEED, ModelSpec
from datasets import Dataset, Outcomes
from float32 import Float64Array
from onnx_model import CLASS, FEATURES, PROBA, VALUES, opset_versions

FOLDS = 10
QUANTILES = ("0.01", "0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95", "0.99")
SIGNIFICANT_DIGITS = 6


def build_manifest(
    spec: ModelSpec,
    estimator: Any,
    rows: Float64Array,
    outcomes: Outcomes,
    files: dict[str, bytes],
) -> dict[str, Any]:
    """The manifest as written to manifest.json; `files` are the version's other files."""
    dataset = spec.dataset
    described = _regression if dataset.target else _classification
    outputs, outcome = described(dataset, estimator, rows, outcomes)
    return {
        "format": 1,
        "model_name": spec.name,
        "version": spec.version,
        "contract": dataset.name,
        "task": "regression" if dataset.target else "classification",
        "family": spec.family.label,
        "description": spec.description,
        "inputs": [_tensor(FEATURES, "FP32", [-1, len(dataset.features)])],
        "outputs": outputs,
        "tolerance": spec.family.tolerance,
        "features": [
            _feature(name, column, len(dataset.categories.get(name, ())))
            for name, column in zip(dataset.features, rows.T, strict=True)
        ],
        **outcome,
        "training": _training(dataset, estimator, len(rows), files["model.onnx"]),
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in files.items()
        },
    }


Described = tuple[list[dict[str, Any]], dict[str, Any]]
"""The model's outputs, and what is said of the outcome."""


def _classification(
    dataset: Dataset, estimator: Any, rows: Float64Array, outcomes: Outcomes
) -> Described:
    outputs = [
        _tensor(CLASS, "INT64", [-1]),
        _tensor(PROBA, "FP32", [-1, len(dataset.classes)]),
    ]
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    table = dataset.table(rows)
    scores = cross_val_score(clone(estimator), table, outcomes, cv=folds, scoring="accuracy")
    return outputs, {
        "classes": [
            {"label": label, "count": int((outcomes == index).sum())}
            for index, label in enumerate(dataset.classes)
        ],
        "accuracy": {
            "method": f"stratified {FOLDS}-fold cross-validation",
            "folds": FOLDS,
            "mean": _rounded(scores.mean()),
            "std": _rounded(scores.std()),
        },
    }


def _regression(
    dataset: Dataset, estimator: Any, rows: Float64Array, outcomes: Outcomes
) -> Described:
    folds = KFold(FOLDS, shuffle=True, random_state=SEED)
    predicted = cross_val_predict(clone(estimator), dataset.table(rows), outcomes, cv=folds)
    metrics = {
        "method": f"{FOLDS}-fold cross-validation",
        "r2": _rounded(r2_score(outcomes, predicted)),
        "mae": _rounded(mean_absolute_error(outcomes, predicted)),
        "rmse": _rounded(root_mean_squared_error(outcomes, predicted)),
    }
    target = _number(dataset.target, outcomes) | {"metrics": metrics}
    return [_tensor(VALUES, "FP32", [-1, 1])], {"targets": [target]}


def _tensor(name: str, datatype: str, shape: list[int]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape}


def _feature(name: str, column: Float64Array, value_count: int) -> dict[str, Any]:
    """A column of the training rows; a category has a number of values."""
    present = column[~np.isnan(column)]
    if value_count > 0:
        counts = np.bincount(present.astype(np.int64), minlength=value_count)
        described = {"name": name, "counts": counts.tolist()}
    else:
        described = _number(name, present)
    if len(present) == len(column):
        return described
    return described | {"missing": _rounded(1 - len(present) / len(column))}


def _number(name: str, column: Float64Array) -> dict[str, Any]:
    return {
        "name": name,
        "min": _rounded(column.min()),
        "max": _rounded(column.max()),
        "mean": _rounded(column.mean()),
        "std": _rounded(column.std()),
        "quantiles": {q: _rounded(np.quantile(column, float(q))) for q in QUANTILES},
    }


def _training(dataset: Dataset, estimator: Any, rows: int, model: bytes) -> dict[str, Any]:
    return {
        "dataset": dataset.file,
        "dataset_sha256": hashlib.sha256(dataset.path.read_bytes()).hexdigest(),
        "rows": rows,
        "estimator": re.sub(r"\s+", " ", estimator.__repr__(N_CHAR_MAX=10_000)),
        "libraries": {
            "python": ".".join(platform.python_version_tuple()[:2]),
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
            "onnx": onnx.__version__,
        },
        "opset": opset_versions(model),
    }


def _rounded(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def to_json(value: dict[str, Any]) -> str:
    """JSON with 2-space indentation, shapes on one line."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return re.sub(r"\[[-\d\s,]+\]", _on_one_line, text) + "\n"


def _on_one_line(array: re.Match[str]) -> str:
    return re.sub(r"\s+", "", array[0]).replace(",", ", ")
