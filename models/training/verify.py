"""Checks an exported model against its golden vectors, in the runtime that will serve it."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from float32 import Float64Array
from golden import Group, Rows
from onnx_model import CLASS

BATCH_ROWS = 100
SINGLE_ROWS = 200
SUM_TOLERANCE = 1e-6


class VerificationError(Exception):
    """The exported model does not answer as scikit-learn does."""


def open_session(model: bytes) -> ort.InferenceSession:
    """A session as the server opens it: one thread, CPU only."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


Predictions = tuple[NDArray[np.int64] | None, NDArray[Any]]
"""Class indices `[n]`, `None` without classes, and probabilities, values or vectors `[n, k]`."""


def run(session: ort.InferenceSession, features: Rows) -> Predictions:
    """The model's predictions of rows."""
    outputs = dict(
        zip(
            (output.name for output in session.get_outputs()),
            session.run(None, {session.get_inputs()[0].name: features}),
            strict=True,
        )
    )
    classes = outputs.pop(CLASS, None)
    (numbers,) = outputs.values()
    return classes, numbers


def verify(model: bytes, groups: list[Group], tolerance: float) -> dict[str, float]:
    """The largest difference of each group; raises `VerificationError`."""
    session = open_session(model)
    return {group.name: _verify_group(session, group, tolerance) for group in groups}


def _verify_group(session: ort.InferenceSession, group: Group, tolerance: float) -> float:
    count = len(group.features)
    sample = np.unique(np.linspace(0, count - 1, SINGLE_ROWS).astype(int))
    slices = [
        slice(0, count),
        *(slice(start, start + BATCH_ROWS) for start in range(0, count, BATCH_ROWS)),
        *(slice(row, row + 1) for row in sample),
    ]
    return max(_verify_rows(session, group, rows, tolerance) for rows in slices)


def _verify_rows(
    session: ort.InferenceSession, group: Group, rows: slice, tolerance: float
) -> float:
    classes, numbers = run(session, group.features[rows])
    where = f"{group.name}[{rows.start}:{rows.stop}]"
    expected = group.numbers[rows]
    if numbers.shape != expected.shape:
        raise VerificationError(f"{where}: output shape {numbers.shape}")
    # float64, or the comparison itself would round.
    numbers = numbers.astype(np.float64)
    difference = np.abs(numbers - expected) / np.maximum(1, np.abs(expected))
    # Negated, so that NaN fails too.
    if not (difference <= tolerance).all():
        raise VerificationError(f"{where}: predictions differ by {difference.max():.3g}")
    if group.classes is not None:
        _verify_classes(where, classes, numbers, group.classes[rows])
    return float(difference.max())


def _verify_classes(
    where: str,
    classes: NDArray[np.int64] | None,
    proba: Float64Array,
    expected: NDArray[np.int64],
) -> None:
    if classes is None or classes.shape != expected.shape:
        raise VerificationError(f"{where}: a class is missing")
    if not (np.abs(proba.sum(axis=1) - 1) <= SUM_TOLERANCE).all():
        raise VerificationError(f"{where}: probabilities do not sum to 1")
    wrong = np.flatnonzero(classes != expected)
    if wrong.size:
        raise VerificationError(f"{where}: {wrong.size} rows of another class, first {wrong[0]}")
