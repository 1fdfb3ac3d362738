"""Float32 values: the precision in which every feature reaches a model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]


def round_down(values: Float64Array) -> Float32Array:
    """The largest float32 that is not above each value.

    For every float32 x, `x <= t` equals `x <= round_down(t)`; rounding to nearest may
    go up, which lets an x just above t pass.
    """
    nearest = values.astype(np.float32)
    below = np.nextafter(nearest, np.float32(-np.inf))
    return np.where(nearest.astype(np.float64) > values, below, nearest).astype(np.float32)


def next_above(values: Float32Array) -> Float32Array:
    """The smallest float32 above each value."""
    return np.nextafter(values, np.float32(np.inf))


def shortest(value: np.float32) -> str:
    """The shortest decimal that reads back to the same float32."""
    return str(value)
