"""Says what differs between a rebuilt model version and the committed one."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np

from golden import Group, Rows, from_json
from verify import Predictions, open_session, run


def compare_files(folder: Path, rebuilt: dict[str, bytes], groups: list[Group]) -> dict[str, str]:
    """What differs, by file name; files with the same bytes are left out."""
    differences = {}
    for name, data in rebuilt.items():
        path = folder / name
        if not path.exists():
            differences[name] = f"new, {len(data)} bytes"
        elif (before := path.read_bytes()) != data:
            differences[name] = _describe(name, before, data, groups)
    return differences


def _describe(name: str, before: bytes, after: bytes, groups: list[Group]) -> str:
    try:
        if name.endswith(".onnx"):
            detail = _model_difference(before, after, groups)
        elif name == "golden.json":
            detail = _golden_difference(before, after)
        elif name == "index.json":
            detail = _index_difference(before, after)
        else:
            detail = _json_difference(before, after)
    # A committed file that cannot be read is a difference to report, not a reason to stop.
    except Exception as error:
        detail = f"the committed file is unreadable ({type(error).__name__})"
    return f"{_sizes(before, after)}, {detail}"


def _sizes(before: bytes, after: bytes) -> str:
    if len(before) == len(after):
        return f"{len(after)} bytes as before"
    return f"{len(before)} -> {len(after)} bytes"


def _model_difference(before: bytes, after: bytes, groups: list[Group]) -> str:
    features = np.concatenate([group.features for group in groups])
    return _prediction_difference(
        run(open_session(before), features), run(open_session(after), features)
    )


def _golden_difference(before: bytes, after: bytes) -> str:
    old, new = (from_json(data.decode()) for data in (before, after))
    if [group.name for group in old] != [group.name for group in new]:
        return "other groups"
    for old_group, new_group in zip(old, new, strict=True):
        if not _same_rows(old_group.features, new_group.features):
            return f"other rows in {new_group.name}"
    return _prediction_difference(_predictions(old), _predictions(new))


def _same_rows(before: Rows, after: Rows) -> bool:
    numbers = before.dtype == np.float32 and after.dtype == np.float32
    return np.array_equal(before, after, equal_nan=numbers)


def _index_difference(before: bytes, after: bytes) -> str:
    old, new = (json.loads(data) for data in (before, after))
    if old["rows"] != new["rows"]:
        return "other rows"
    vectors = [np.frombuffer(base64.b64decode(index["vectors"]), "<f4") for index in (old, new)]
    if len(vectors[0]) != len(vectors[1]):
        return "vectors of another length"
    return f"max difference {np.abs(vectors[0] - vectors[1]).max():.2g}"


def _predictions(groups: list[Group]) -> Predictions:
    classes = [group.classes for group in groups if group.classes is not None]
    return (
        np.concatenate(classes) if classes else None,
        np.concatenate([group.numbers for group in groups]),
    )


def _prediction_difference(before: Predictions, after: Predictions) -> str:
    largest = np.abs(before[1].astype(np.float64) - after[1]).max()
    if before[0] is None or after[0] is None:
        return f"max difference {largest:.2g}"
    flipped = int((before[0] != after[0]).sum())
    return (
        f"max probability difference {largest:.2g}, "
        f"another class on {flipped} of {len(before[0])} golden rows"
    )


def _json_difference(before: bytes, after: bytes) -> str:
    changes = _changed_values(json.loads(before), json.loads(after))
    # Checksums follow from the other files, each of which has its own line.
    changes = [change for change in changes if not change.startswith("files.")]
    return "; ".join(changes) or "checksums only"


def _changed_values(before: Any, after: Any, path: str = "") -> list[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            line
            for key in dict.fromkeys([*before, *after])
            for line in _changed_values(
                before.get(key), after.get(key), f"{path}.{key}" if path else key
            )
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            line
            for index, pair in enumerate(zip(before, after, strict=True))
            for line in _changed_values(*pair, f"{path}[{index}]")
        ]
    return [] if before == after else [f"{path} {before!r} -> {after!r}"]
