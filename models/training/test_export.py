"""Tests of the exporters, the golden vectors and the committed model versions."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from palmerpenguins import load_penguins
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.ensemble import RandomForestClassifier

from catalog import FAMILIES, MODELS, ModelSpec
from compare import compare_files
from datasets import DATASETS, MODELS_DIR, Dataset, read_csv, source_csv
from export_trees import export_forest
from float32 import Float32Array, Float64Array, next_above, round_down
from golden import Group, answer, from_json, random_rows, threshold_rows
from verify import VerificationError, open_session, run, verify

MINIMUM_ROWS = {"dataset": 150, "random": 2000, "thresholds": 500}
every_model = pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)


def version_folder(spec: ModelSpec) -> Path:
    return MODELS_DIR / spec.name / spec.version


def groups_of(spec: ModelSpec) -> list[Group]:
    return from_json((version_folder(spec) / "golden.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def iris_forest() -> RandomForestClassifier:
    return FAMILIES["forest"].estimator(DATASETS[0]).fit(*read_csv(DATASETS[0]))


def round_to_nearest(values: Float64Array) -> Float32Array:
    return values.astype(np.float32)


def test_round_down_is_the_largest_float32_not_above() -> None:
    values = np.random.default_rng(0).normal(size=10_000)
    rounded = round_down(values)
    assert (rounded <= values).all()
    assert (next_above(rounded) > values).all()
    assert round_down(np.array([0.5, -0.1])).tolist() == [0.5, float(np.float32(-0.1))]


def test_rounding_thresholds_to_nearest_breaks_threshold_rows(
    iris_forest: RandomForestClassifier,
) -> None:
    groups = [group for group in groups_of(MODELS[0]) if group.name == "thresholds"]
    verify(export_forest(iris_forest), groups, 1e-6)
    with pytest.raises(VerificationError, match="predictions differ"):
        verify(export_forest(iris_forest, round_to_nearest), groups, 1e-6)


def test_a_pure_leaf_answers_exactly_one(iris_forest: RandomForestClassifier) -> None:
    rows, _ = read_csv(DATASETS[0])
    expected = iris_forest.predict_proba(rows)
    _, proba = run(open_session(export_forest(iris_forest)), rows.astype(np.float32))
    pure = expected.max(axis=1) == 1
    assert pure.sum() > 50
    assert (proba[pure].max(axis=1) == 1).all()


def test_the_first_of_equal_classes_wins(iris_forest: RandomForestClassifier) -> None:
    rows, _ = read_csv(DATASETS[0])
    features = random_rows(rows, 20_000, np.random.default_rng(1))
    expected = np.sort(iris_forest.predict_proba(features), axis=1)
    tied = features[expected[:, -1] == expected[:, -2]]
    assert len(tied) > 100
    classes, _ = run(open_session(export_forest(iris_forest)), tied)
    assert (classes == iris_forest.predict(tied)).all()


@pytest.mark.parametrize("family", DATASETS[0].families)
@pytest.mark.parametrize("load", [load_wine, load_breast_cancer], ids=["wine", "two classes"])
def test_exporters_know_nothing_of_iris(family: str, load: Any) -> None:
    rows, targets = load(return_X_y=True)
    estimator = FAMILIES[family].estimator(DATASETS[0]).fit(rows, targets)
    forest = FAMILIES["forest"].estimator(DATASETS[0]).fit(rows, targets)
    generator = np.random.default_rng(0)
    groups = [
        answer("random", estimator, random_rows(rows, 500, generator)),
        answer("thresholds", estimator, threshold_rows(forest, rows, generator)),
    ]
    verify(FAMILIES[family].export(estimator), groups, FAMILIES[family].tolerance)


def test_leaves_that_are_not_pure_keep_the_tolerance() -> None:
    rows, targets = load_wine(return_X_y=True)
    forest = RandomForestClassifier(n_estimators=200, max_depth=2, random_state=0)
    forest.fit(rows, targets)
    group = answer("random", forest, random_rows(rows, 2000, np.random.default_rng(0)))
    verify(export_forest(forest), [group], 1e-6)


def test_verification_refuses_another_class(iris_forest: RandomForestClassifier) -> None:
    group = groups_of(MODELS[0])[0]
    wrong = Group(group.name, group.features, (group.classes + 1) % 3, group.numbers)
    with pytest.raises(VerificationError, match="another class"):
        verify(export_forest(iris_forest), [wrong], 1e-6)


@pytest.mark.parametrize(
    ("dataset", "load"),
    [
        (DATASETS[0], load_iris),
        (DATASETS[1], load_wine),
        (DATASETS[3], partial(load_diabetes, scaled=False)),
    ],
    ids=["iris", "wine", "diabetes"],
)
def test_the_committed_csv_is_scikit_learns(dataset: Dataset, load: Any) -> None:
    assert dataset.path.read_bytes() == source_csv(dataset).encode()
    rows, targets = read_csv(dataset)
    expected_rows, expected_targets = load(return_X_y=True)
    assert (rows == expected_rows).all()
    assert (targets == expected_targets).all()


def test_the_committed_penguins_are_palmerpenguins() -> None:
    dataset = DATASETS[2]
    assert dataset.path.read_bytes() == source_csv(dataset).encode()
    rows, targets = read_csv(dataset)
    table, expected = dataset.table(rows), load_penguins()
    for name in dataset.features:
        given, wanted = table[name], expected[name]
        assert given.isna().tolist() == wanted.isna().tolist()
        assert given.dropna().tolist() == wanted.dropna().tolist()
    assert [dataset.classes[target] for target in targets] == expected["species"].tolist()


@pytest.mark.parametrize("family", DATASETS[2].families)
def test_rows_that_lack_everything_but_the_island(family: str) -> None:
    dataset = DATASETS[2]
    rows, targets = read_csv(dataset)
    estimator = FAMILIES[family].estimator(dataset).fit(dataset.table(rows), targets)
    features = np.full((3, len(dataset.features)), np.nan, dtype=np.float32)
    features[:, 0] = range(3)
    group = answer("missing", estimator, features, dataset.table)
    verify(FAMILIES[family].export(estimator), [group], 1e-6)


def test_missing_values_that_follow_the_wrong_side_are_found() -> None:
    spec = next(spec for spec in MODELS if spec.name == "penguins-forest")
    model = onnx.load_model_from_string((version_folder(spec) / "model.onnx").read_bytes())
    (tracks,) = (
        attribute
        for attribute in model.graph.node[0].attribute
        if attribute.name == "nodes_missing_value_tracks_true"
    )
    tracks.ints[:] = [1 - side for side in tracks.ints]
    with pytest.raises(VerificationError, match="predictions differ"):
        verify(model.SerializeToString(), groups_of(spec), spec.family.tolerance)


@every_model
def test_goldens_are_complete_and_answered(spec: ModelSpec) -> None:
    groups = groups_of(spec)
    counts = {group.name: len(group.features) for group in groups}
    assert list(counts) == list(MINIMUM_ROWS)
    assert all(counts[name] >= minimum for name, minimum in MINIMUM_ROWS.items())
    features = np.concatenate([group.features for group in groups])
    numbers = np.setdiff1d(np.arange(features.shape[1]), spec.dataset.draws.whole)
    assert (features[:, numbers] > 0)[~np.isnan(features[:, numbers])].all()
    for index, name in enumerate(spec.dataset.features):
        column = features[:, index]
        assert np.isnan(column).any() == (name in spec.dataset.nullable)
        if name in spec.dataset.categories:
            codes = set(column[~np.isnan(column)].tolist())
            assert codes == set(range(len(spec.dataset.categories[name])))
    verify((version_folder(spec) / "model.onnx").read_bytes(), groups, spec.family.tolerance)


@every_model
def test_threshold_rows_lie_on_both_sides_of_a_split(spec: ModelSpec) -> None:
    features = groups_of(spec)[2].features
    on, above = features[0::2], features[1::2]
    moved = (on != above) & ~np.isnan(on)
    assert (moved.sum(axis=1) == 1).all()
    assert (next_above(on[moved]) == above[moved]).all()


@every_model
def test_golden_features_are_written_as_float32(spec: ModelSpec) -> None:
    text = (version_folder(spec) / "golden.json").read_text(encoding="utf-8")
    for group in json.loads(text)["groups"]:
        written = [value for row in group["features"] for value in row]
        given = [value for value in written if value is not None]
        assert all(str(np.float32(value)) == repr(value) for value in given)


@every_model
def test_manifest_checksums_match(spec: ModelSpec) -> None:
    folder = version_folder(spec)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for name, expected in manifest["files"].items():
        data = (folder / name).read_bytes()
        assert expected == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    training = manifest["training"]
    dataset = (MODELS_DIR / training["dataset"]).read_bytes()
    assert training["dataset_sha256"] == hashlib.sha256(dataset).hexdigest()
    if spec.dataset.classes:
        assert sum(entry["count"] for entry in manifest["classes"]) == training["rows"]
    else:
        assert manifest["targets"][0]["name"] == spec.dataset.target
    missing = {entry["name"] for entry in manifest["features"] if "missing" in entry}
    assert missing == set(spec.dataset.nullable) - {"year"}


def test_comparison_names_what_differs(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"accuracy": {"mean": 0.9}}')
    rebuilt = {"manifest.json": b'{"accuracy": {"mean": 0.95}}', "model.onnx": b"abc"}
    differences = compare_files(tmp_path, rebuilt, [])
    assert "accuracy.mean 0.9 -> 0.95" in differences["manifest.json"]
    assert differences["model.onnx"] == "new, 3 bytes"
    (tmp_path / "model.onnx").write_bytes(b"abc")
    assert "model.onnx" not in compare_files(tmp_path, rebuilt, [])
