"""Exports TF-IDF pipelines: a text in, a class with probabilities or a vector out."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from export_dense import one_output_per_class
from float32 import Float64Array
from onnx_model import CLASS, PROBA, TEXT, VALUES, build_model

WORD = "[a-z]{2,}"
"""What scikit-learn's `re` and ONNX Runtime's RE2 match alike, in texts of any script."""

UPPER_TO_LOWER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def ascii_lower(text: str) -> str:
    """Lower case of A to Z alone, as StringNormalizer has it in the locale C.

    `str.lower` makes an ASCII letter of the Kelvin sign and of the Turkish İ.
    """
    return text.translate(UPPER_TO_LOWER)


def tfidf(words: int, **options: Any) -> TfidfVectorizer:
    """A vectorizer that can be exported."""
    return TfidfVectorizer(
        preprocessor=ascii_lower, token_pattern=WORD, max_features=words, **options
    )


def export_text_logistic(pipeline: Pipeline) -> bytes:
    """TfidfVectorizer + LogisticRegression as ONNX."""
    vectorizer, classifier = _steps(pipeline, LogisticRegression)
    weights, biases = one_output_per_class((classifier.coef_.T, classifier.intercept_))
    nodes, constants = _product(vectorizer, weights)
    constants.append(numpy_helper.from_array(biases.astype(np.float32), "biases"))
    node = helper.make_node
    nodes += [
        node("Add", ["product", "biases"], ["scores"]),
        node("Softmax", ["scores"], [PROBA], axis=1),
        node("ArgMax", ["scores"], [CLASS], axis=1, keepdims=0),
    ]
    return build_model("text_logistic", nodes, constants, 1, len(biases), input_name=TEXT)


def export_text_svd(pipeline: Pipeline) -> bytes:
    """TfidfVectorizer + TruncatedSVD as ONNX."""
    vectorizer, svd = _steps(pipeline, TruncatedSVD)
    nodes, constants = _product(vectorizer, svd.components_.T)
    nodes.append(helper.make_node("Identity", ["product"], [VALUES]))
    width = len(svd.components_)
    return build_model(
        "text_svd", nodes, constants, 1, width, input_name=TEXT, regression=True
    )


def _steps(pipeline: Pipeline, kind: type) -> tuple[TfidfVectorizer, Any]:
    vectorizer, estimator = (step for _, step in pipeline.steps)
    if not isinstance(vectorizer, TfidfVectorizer) or not isinstance(estimator, kind):
        raise TypeError(f"expected TfidfVectorizer and {kind.__name__}, got {pipeline!r}")
    if (vectorizer.token_pattern, vectorizer.preprocessor) != (WORD, ascii_lower):
        raise ValueError(f"{vectorizer!r} takes other words than the graph")
    options = (
        vectorizer.ngram_range,
        vectorizer.norm,
        vectorizer.sublinear_tf,
        vectorizer.smooth_idf,
    )
    if options != ((1, 1), "l2", False, True):
        raise ValueError(f"{vectorizer!r} weighs words in a way that the graph does not")
    return vectorizer, estimator


def _product(
    vectorizer: TfidfVectorizer, weights: Float64Array
) -> tuple[list[NodeProto], list[TensorProto]]:
    """From the tensor `text` `[n, 1]` to `product` `[n, outputs]`, and the constants.

    The norm divides the product, not the words: that saves a tensor of all words. It is at least
    1 but for a text without a known word, since no smoothed idf is below 1.
    """
    vocabulary = vectorizer.get_feature_names_out().tolist()
    count = len(vocabulary)
    node = helper.make_node
    nodes = [
        node("Reshape", [TEXT, "flat"], ["texts"]),
        # Without a locale ONNX Runtime wants en_US.UTF-8, which few images have.
        node(
            "StringNormalizer",
            ["texts"],
            ["lower"],
            case_change_action="LOWER",
            is_case_sensitive=1,
            locale="C",
        ),
        node(
            "Tokenizer",
            ["lower"],
            ["words"],
            domain="com.microsoft",
            mark=0,
            mincharnum=1,
            pad_value="",
            tokenexp=WORD,
        ),
        node(
            "TfIdfVectorizer",
            ["words"],
            ["tfidf"],
            mode="TFIDF",
            min_gram_length=1,
            max_gram_length=1,
            max_skip_count=0,
            ngram_counts=[0],
            ngram_indexes=list(range(count)),
            pool_strings=vocabulary,
            weights=vectorizer.idf_.astype(np.float32).tolist(),
        ),
        node("ReduceL2", ["tfidf", "columns"], ["norm"], keepdims=1),
        node("Max", ["norm", "one"], ["divisor"]),
        node("MatMul", ["tfidf", "weights"], ["sum"]),
        node("Div", ["sum", "divisor"], ["product"]),
    ]
    constants = [
        numpy_helper.from_array(np.array([-1]), "flat"),
        numpy_helper.from_array(np.array([1]), "columns"),
        numpy_helper.from_array(np.array(1, dtype=np.float32), "one"),
        numpy_helper.from_array(np.ascontiguousarray(weights, dtype=np.float32), "weights"),
    ]
    return nodes, constants
