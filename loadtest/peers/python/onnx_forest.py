"""The iris forest in ONNX Runtime, one thread, as every Python peer but scikit-learn runs it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime

MODEL = Path(__file__).resolve().parents[3] / "models" / "iris-forest" / "1" / "model.onnx"
LABELS = ("setosa", "versicolor", "virginica")


class OnnxForest:
    """Answers rows `[n, 4]` with class indices `[n]` and probabilities `[n, 3]`."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            MODEL, options, providers=["CPUExecutionProvider"]
        )

    def predict(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        classes, proba = self._session.run(["class", "proba"], {"features": rows})
        return classes, proba


def described(classes: list[int], proba: list[list[float]]) -> list[dict]:
    """One answer a row, as Sepal words it."""
    return [
        {"class": index, "label": LABELS[index], "proba": row, "confidence": max(row)}
        for index, row in zip(classes, proba)
    ]
