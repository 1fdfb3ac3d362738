"""Trains every model, verifies it, compares it with what is committed and replaces that."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

import golden
import manifest
import speeches
import texts
from catalog import FAMILIES, MODELS, SEED, ModelSpec
from compare import compare_files
from datasets import MODELS_DIR, ensure_csv, read_csv
from texts import TEXT_MODELS, TextSpec
from verify import VerificationError, verify

STAGING_DIR = Path(__file__).resolve().parent / ".staging"

Spec = ModelSpec | TextSpec

ALL: tuple[Spec, ...] = (*MODELS, *TEXT_MODELS)


def build_version(spec: Spec) -> tuple[dict[str, bytes], list[golden.Group]]:
    """The verified files of a version, manifest last, and the golden groups."""
    return _build_text(spec) if isinstance(spec, TextSpec) else _build_table(spec)


def _build_table(spec: ModelSpec) -> tuple[dict[str, bytes], list[golden.Group]]:
    dataset = spec.dataset
    rows, outcomes = read_csv(dataset)
    table = dataset.table(rows)
    estimator = spec.family.estimator(dataset).fit(table, outcomes)
    # Every family of a data set meets the same boundaries: those of its trees.
    trees = FAMILIES[dataset.families[0]].estimator(dataset).fit(table, outcomes)
    generator = np.random.default_rng(SEED)
    inputs = {
        "dataset": rows.astype(np.float32),
        "random": golden.random_rows(rows, golden.RANDOM_ROWS, generator, dataset.draws),
        "thresholds": golden.threshold_rows(
            trees, rows, generator, dataset.draws, dataset.table
        ),
    }
    groups = [
        golden.answer(name, estimator, features, dataset.table) for name, features in inputs.items()
    ]
    files = {
        "model.onnx": spec.family.export(estimator),
        "golden.json": golden.to_json(groups).encode(),
    }
    groups = _verified(files, spec.family.tolerance)
    described = manifest.build_manifest(spec, estimator, rows, outcomes, files)
    print(f"  {quality(described)}")
    return files | {"manifest.json": manifest.to_json(described).encode()}, groups


def _build_text(spec: TextSpec) -> tuple[dict[str, bytes], list[golden.Group]]:
    passages = speeches.read_csv()
    estimator, files = texts.build(spec, passages)
    groups = _verified(files, spec.tolerance)
    described = manifest.build_text_manifest(spec, estimator, passages, files)
    print(f"  {texts.describe_quality(described)}")
    return files | {"manifest.json": manifest.to_json(described).encode()}, groups


def _verified(files: dict[str, bytes], tolerance: float) -> list[golden.Group]:
    """The golden groups as a reader will parse them, which the model reproduces."""
    groups = golden.from_json(files["golden.json"].decode())
    differences = verify(files["model.onnx"], groups, tolerance)
    for group in groups:
        difference = differences[group.name]
        print(f"  {group.name}: {len(group.features)} rows, max difference {difference:.2g}")
    return groups


def quality(described: dict[str, Any]) -> str:
    """How well the model predicts rows that it has not seen."""
    if "accuracy" in described:
        accuracy = described["accuracy"]
        return f"accuracy: mean {accuracy['mean']}, std {accuracy['std']}"
    (target,) = described["targets"]
    return ", ".join(f"{name} {target['metrics'][name]}" for name in ("r2", "mae", "rmse"))


def model_card(spec: Spec) -> bytes:
    """The text of model.json; a default version chosen earlier stays."""
    path = MODELS_DIR / spec.name / "model.json"
    chosen = json.loads(path.read_bytes())["default_version"] if path.exists() else spec.version
    card = {
        "contract": spec.contract,
        "default_version": chosen,
        "description": spec.description,
    }
    return manifest.to_json(card).encode()


def publish(folder: Path, files: dict[str, bytes]) -> None:
    """Replaces a folder's files by renames, in the given order."""
    shutil.rmtree(STAGING_DIR, ignore_errors=True)
    STAGING_DIR.mkdir()
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (STAGING_DIR / name).write_bytes(data)
    for name in files:
        (STAGING_DIR / name).replace(folder / name)
    STAGING_DIR.rmdir()


def train(spec: Spec, check: bool) -> bool:
    """Rebuilds one model; true when it differs from the committed one."""
    print(f"{spec.name}/{spec.version}", flush=True)
    files, groups = build_version(spec)
    folder = MODELS_DIR / spec.name
    differs = False
    for target, rebuilt in (
        (folder / spec.version, files),
        (folder, {"model.json": model_card(spec)}),
    ):
        differences = compare_files(target, rebuilt, groups)
        for name in rebuilt:
            print(f"  {name}: {differences.get(name, 'unchanged')}")
        if differences:
            differs = True
            if not check:
                publish(target, rebuilt)
    return differs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 if different")
    parser.add_argument("--only", choices=[spec.name for spec in ALL], help="one model")
    arguments = parser.parse_args()
    specs = [spec for spec in ALL if arguments.only in (None, spec.name)]
    try:
        # Several threads would add up in an order that changes from run to run.
        with threadpool_limits(1):
            if not arguments.check:
                for spec in specs:
                    if isinstance(spec, TextSpec):
                        speeches.ensure_csv()
                    else:
                        ensure_csv(spec.dataset)
            differs = [train(spec, arguments.check) for spec in specs]
    except VerificationError as error:
        print(f"FAILED {error}", file=sys.stderr)
        return 1
    return 1 if arguments.check and any(differs) else 0


if __name__ == "__main__":
    sys.exit(main())
