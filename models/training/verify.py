"""Checks an exported model against its golden vectors, in the runtime that will serve it."""

from __future__ import annotations

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from float32 import Float32Array
from golden import Group
from onnx_model import CLASS, FEATURES, PROBA

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


def run(
    session: ort.InferenceSession, features: Float32Array
) -> tuple[NDArray[np.int64], Float32Array]:
    """Class indices `[n]` and probabilities `[n, k]`."""
    classes, proba = session.run([CLASS, PROBA], {FEATURES: features})
    return classes, proba


def verify(model: bytes, groups: list[Group], tolerance: float) -> dict[str, float]:
    """The largest probability difference of each group; raises `VerificationError`."""
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
    classes, proba = run(session, group.features[rows])
    where = f"{group.name}[{rows.start}:{rows.stop}]"
    if proba.shape != group.proba[rows].shape or classes.shape != group.classes[rows].shape:
        raise VerificationError(f"{where}: output shapes {classes.shape} and {proba.shape}")
    # float64, or the comparison itself would round.
    proba = proba.astype(np.float64)
    difference = np.abs(proba - group.proba[rows])
    # Negated, so that NaN fails too.
    if not (difference <= tolerance).all():
        raise VerificationError(f"{where}: probabilities differ by {difference.max():.3g}")
    if not (np.abs(proba.sum(axis=1) - 1) <= SUM_TOLERANCE).all():
        raise VerificationError(f"{where}: probabilities do not sum to 1")
    wrong = np.flatnonzero(classes != group.classes[rows])
    if wrong.size:
        raise VerificationError(f"{where}: {wrong.size} rows of another class, first {wrong[0]}")
    return float(difference.max())
