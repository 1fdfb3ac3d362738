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
from sklearn.base import clone, is_classifier
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import (
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
)
from sklearn.pipeline import Pipeline

import speeches
from catalog import SEED, ModelSpec
from datasets import MODELS_DIR, Dataset, Outcomes
from float32 import Float64Array
from onnx_model import CLASS, FEATURES, PROBA, TEXT, VALUES, opset_versions
from speeches import Passages
from texts import TextSpec

FOLDS = 10
PRESIDENT_FOLDS = 5
"""Of thirteen presidents; leaving out one at a time would leave too many of the other party."""
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
        "training": _training(dataset.file, estimator, len(rows), files["model.onnx"]),
        "files": _checksums(files),
    }


def build_text_manifest(
    spec: TextSpec, estimator: Pipeline, passages: Passages, files: dict[str, bytes]
) -> dict[str, Any]:
    """The same for a model of texts."""
    classifies = is_classifier(estimator)
    outputs, outcome = (_party if classifies else _vectors)(estimator, passages)
    lengths = np.array([len(text) for text in passages.texts])
    return {
        "format": 1,
        "model_name": spec.name,
        "version": spec.version,
        "contract": spec.contract,
        "task": "classification" if classifies else "embedding",
        "family": spec.family,
        "description": spec.description,
        "inputs": [_tensor(TEXT, "BYTES", [-1, 1])],
        "outputs": outputs,
        "tolerance": spec.tolerance,
        "features": [
            {
                "name": TEXT,
                "characters": {
                    "min": int(lengths.min()),
                    "max": int(lengths.max()),
                    "mean": _rounded(lengths.mean()),
                },
            }
        ],
        **outcome,
        "training": _training(speeches.FILE, estimator, len(lengths), files["model.onnx"]),
        "files": _checksums(files),
    }


def _checksums(files: dict[str, bytes]) -> dict[str, Any]:
    return {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        for name, data in files.items()
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


def _party(estimator: Pipeline, passages: Passages) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """No address is on both sides of a split: passages of one share their subject and words."""
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    texts, classes = passages.texts, passages.classes
    scores = cross_val_score(clone(estimator), texts, classes, groups=passages.addresses, cv=folds)
    presidents = StratifiedGroupKFold(PRESIDENT_FOLDS, shuffle=True, random_state=SEED)
    unknown = cross_val_score(
        clone(estimator), texts, classes, groups=passages.speakers, cv=presidents
    )
    counts = np.bincount(classes)
    return [_tensor(CLASS, "INT64", [-1]), _tensor(PROBA, "FP32", [-1, len(counts)])], {
        "classes": [
            {"label": label, "count": int(count)}
            for label, count in zip(speeches.CLASSES, counts, strict=True)
        ],
        "accuracy": {
            "method": f"stratified {FOLDS}-fold cross-validation, split by address",
            "folds": FOLDS,
            "mean": _rounded(scores.mean()),
            "std": _rounded(scores.std()),
            "baseline": _rounded(counts.max() / counts.sum()),
            "unknown_presidents": _rounded(unknown.mean()),
        },
    }


def _vectors(
    estimator: Pipeline, _passages: Passages
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    svd = estimator[-1]
    return [_tensor(VALUES, "FP32", [-1, len(svd.components_)])], {
        "explained_variance": _rounded(svd.explained_variance_ratio_.sum())
    }


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


def _training(dataset: str, estimator: Any, rows: int, model: bytes) -> dict[str, Any]:
    steps = re.sub(r"\s+", " ", estimator.__repr__(N_CHAR_MAX=10_000))
    return {
        "dataset": dataset,
        "dataset_sha256": hashlib.sha256((MODELS_DIR / dataset).read_bytes()).hexdigest(),
        "rows": rows,
        # A function's own text has its address in memory.
        "estimator": re.sub(r"<function (\w+) at 0x[0-9a-f]+>", r"\1", steps),
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
