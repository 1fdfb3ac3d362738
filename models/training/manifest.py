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
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold, cross_val_score

from catalog import SEED, ModelSpec
from datasets import Dataset
from float32 import Float64Array
from onnx_model import CLASS, FEATURES, PROBA, opset_versions

FOLDS = 10
QUANTILES = ("0.01", "0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95", "0.99")
SIGNIFICANT_DIGITS = 6


def build_manifest(
    spec: ModelSpec,
    estimator: Any,
    rows: Float64Array,
    targets: NDArray[np.int64],
    files: dict[str, bytes],
) -> dict[str, Any]:
    """The manifest as written to manifest.json; `files` are the version's other files."""
    dataset = spec.dataset
    return {
        "format": 1,
        "model_name": spec.name,
        "version": spec.version,
        "contract": dataset.name,
        "task": "classification",
        "family": spec.family.label,
        "description": spec.description,
        "inputs": [_tensor(FEATURES, "FP32", [-1, len(dataset.features)])],
        "outputs": [
            _tensor(CLASS, "INT64", [-1]),
            _tensor(PROBA, "FP32", [-1, len(dataset.classes)]),
        ],
        "tolerance": spec.family.tolerance,
        "features": [
            _feature(name, column) for name, column in zip(dataset.features, rows.T, strict=True)
        ],
        "classes": [
            {"label": label, "count": int((targets == index).sum())}
            for index, label in enumerate(dataset.classes)
        ],
        "accuracy": _accuracy(estimator, rows, targets),
        "training": _training(dataset, estimator, len(rows), files["model.onnx"]),
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in files.items()
        },
    }


def _tensor(name: str, datatype: str, shape: list[int]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape}


def _feature(name: str, column: Float64Array) -> dict[str, Any]:
    return {
        "name": name,
        "min": _rounded(column.min()),
        "max": _rounded(column.max()),
        "mean": _rounded(column.mean()),
        "std": _rounded(column.std()),
        "quantiles": {q: _rounded(np.quantile(column, float(q))) for q in QUANTILES},
    }


def _accuracy(estimator: Any, rows: Float64Array, targets: NDArray[np.int64]) -> dict[str, Any]:
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    scores = cross_val_score(clone(estimator), rows, targets, cv=folds, scoring="accuracy")
    return {
        "method": f"stratified {FOLDS}-fold cross-validation",
        "folds": FOLDS,
        "mean": _rounded(scores.mean()),
        "std": _rounded(scores.std()),
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
