"""The models of texts: what is trained on the speeches, their golden texts and the index of a search."""

from __future__ import annotations

import base64
import json
import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.decomposition import TruncatedSVD
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

import golden
import speeches
from export_text import export_text_logistic, export_text_svd, tfidf
from speeches import Passages

SEED = 42
VERSION = "1"
WORDS = 3000
DIMENSIONS = 64

GOLDEN_PASSAGES = 40
GOLDEN_ODD = 80


@dataclass(frozen=True)
class TextSpec:
    """One model version of texts to train."""

    contract: str
    name: str
    family: str
    summary: str
    estimator: Callable[[], Pipeline]
    export: Callable[[Pipeline], bytes]
    tolerance: float = 1e-6
    version: str = VERSION

    @property
    def description(self) -> str:
        return f"{self.summary}, trained on all passages of the {speeches.NAME} data set."


TEXT_MODELS: tuple[TextSpec, ...] = (
    TextSpec(
        contract="speeches",
        name="speeches-logistic",
        family="logistic regression on TF-IDF",
        summary=f"Logistic regression on the TF-IDF weights of {WORDS} words",
        estimator=lambda: make_pipeline(
            tfidf(WORDS), LogisticRegression(C=3, max_iter=1000, random_state=SEED)
        ),
        export=export_text_logistic,
    ),
    TextSpec(
        contract="speeches_embed",
        name="speeches-svd",
        family="truncated SVD of TF-IDF",
        summary=f"Truncated SVD to {DIMENSIONS} dimensions of the TF-IDF weights of {WORDS} words",
        estimator=lambda: make_pipeline(
            tfidf(WORDS, stop_words="english"),
            TruncatedSVD(DIMENSIONS, algorithm="arpack", random_state=SEED),
        ),
        export=export_text_svd,
    ),
)


def predictions(estimator: Pipeline, texts: NDArray[np.object_]) -> golden.Float64Array:
    """scikit-learn's own probabilities or vectors of texts `[n]`."""
    return estimator.predict_proba(texts) if is_classifier(estimator) else estimator.transform(texts)


def answer(name: str, estimator: Pipeline, texts: NDArray[np.object_]) -> golden.Group:
    """A group with the estimator's own predictions of texts `[n]`."""
    classes = estimator.predict(texts) if is_classifier(estimator) else None
    return golden.Group(name, texts.reshape(-1, 1), classes, predictions(estimator, texts))


def build(spec: TextSpec, passages: Passages) -> tuple[Pipeline, dict[str, bytes]]:
    """The trained pipeline and the version's files but the manifest."""
    estimator = spec.estimator().fit(passages.texts, passages.classes)
    places = np.linspace(0, len(passages.texts) - 1, GOLDEN_PASSAGES).round().astype(int)
    vocabulary = estimator[0].get_feature_names_out().tolist()
    # No NUL: onnxruntime-node ends a text there, so the server gives it a space instead.
    odd = np.array(
        [text for text in odd_texts(vocabulary, GOLDEN_ODD, SEED) if "\0" not in text], dtype=object
    )
    groups = [
        answer("dataset", estimator, passages.texts[places]),
        answer("odd", estimator, odd),
    ]
    files = {"model.onnx": spec.export(estimator), "golden.json": golden.to_json(groups).encode()}
    if not is_classifier(estimator):
        files["index.json"] = index_json(estimator, passages)
    return estimator, files


def index_json(estimator: Pipeline, passages: Passages) -> bytes:
    """What `POST /speeches_embed/search` searches: every passage with who spoke, and its vector."""
    who = zip(passages.texts, passages.presidents, passages.years, strict=True)
    rows = [{"text": text, "label": f"{president}, {year}"} for text, president, year in who]
    vectors = estimator.transform(passages.texts).astype("<f4")
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    encoded = base64.b64encode(vectors.tobytes()).decode()
    return f'{{\n"format": 1,\n"rows": [\n{lines}\n],\n"vectors": "{encoded}"\n}}\n'.encode()


ODD_TEXTS = (
    "!!!",
    "a",
    "...",
    "PEACE and War",
    "don't we're",
    "peace\0war\0",
    "peace-keeping, peace_keeping; PEACE/KEEPING",
    "9/11 1963 $700,000",
    "\u212aelvin \u212aEEP wor\u212a",
    "İ iİ Iı jobİs",
    "ſong congreſs ﬁnance ﬀorts",
    "ＰＥＡＣＥ peace",
    "été ÉTÉ naïve piñata",
    "tax\u00a0cut\u2009budget\u200bdeficit",
    "\u202epeace\u202c war",
    "日本語 peace 平和",
    "Мир peace МИР",
    "سلام peace שלום",
    "शांति peace สันติภาพ",
    "😀peace😀 👩‍👩‍👧 🇺🇸",
    "pea\u0301ce wa\u0300r",
    "peace " * 1600,
    "x" * 10_000,
)
"""Texts in which scikit-learn and the graph could differ: letters whose lower case is ASCII, marks, NUL."""


def odd_texts(vocabulary: list[str], count: int, seed: int) -> NDArray[np.object_]:
    """`ODD_TEXTS`, then words of the vocabulary in any case between characters of every script."""
    draws = random.Random(seed)
    # Cs: surrogates, Cn: unassigned, Co: private use.
    characters = [
        character
        for character in map(chr, range(0x110000))
        if unicodedata.category(character) not in ("Cs", "Cn", "Co")
    ]
    cases = (str.upper, str.lower, str.title)

    def part() -> str:
        if draws.random() < 0.6:
            return draws.choice(cases)(draws.choice(vocabulary))
        return "".join(draws.choices(characters, k=draws.randint(1, 4)))

    texts = list(ODD_TEXTS)
    while len(texts) < count:
        parts = [part() for _ in range(draws.randint(1, 10))]
        text = draws.choice(("", " ", "-", "\n")).join(parts)
        # A contract takes no blank text.
        if text.strip() != "":
            texts.append(text)
    return np.array(texts[:count], dtype=object)


def describe_quality(described: dict[str, Any]) -> str:
    """What a manifest says of how good the model is."""
    if "accuracy" in described:
        accuracy = described["accuracy"]
        return (
            f"accuracy: mean {accuracy['mean']}, std {accuracy['std']}, the larger class alone "
            f"{accuracy['baseline']}, of presidents it has not heard {accuracy['unknown_presidents']}"
        )
    return f"explained variance: {described['explained_variance']}"
