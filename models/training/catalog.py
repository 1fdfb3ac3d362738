"""What is trained: every family of a data set's entry becomes the model `<data set>-<family>`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sklearn.base import ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from datasets import DATASETS, Dataset
from export_dense import export_scaled_logistic, export_scaled_mlp
from export_forest import export_forest

SEED = 42
VERSION = "1"


@dataclass(frozen=True)
class Family:
    """A kind of estimator, how to export it and how closely ONNX must follow it."""

    label: str
    summary: str
    estimator: Callable[[], ClassifierMixin]
    export: Callable[[Any], bytes]
    tolerance: float
    """Largest absolute difference of a probability between ONNX and scikit-learn."""


FAMILIES: dict[str, Family] = {
    "forest": Family(
        label="random forest",
        summary="Random forest of 50 trees",
        estimator=lambda: RandomForestClassifier(n_estimators=50, random_state=SEED),
        export=export_forest,
        tolerance=1e-6,
    ),
    "logistic": Family(
        label="logistic regression",
        summary="Multinomial logistic regression on standardised features",
        estimator=lambda: make_pipeline(
            StandardScaler(), LogisticRegression(max_iter=1000, random_state=SEED)
        ),
        export=export_scaled_logistic,
        tolerance=1e-5,
    ),
    "mlp": Family(
        label="multilayer perceptron",
        summary="Multilayer perceptron with one hidden layer of 16 units on standardised features",
        # Not lbfgs: it can amplify the last bit, in which BLAS kernels differ, to another class.
        estimator=lambda: make_pipeline(
            StandardScaler(),
            MLPClassifier(
                hidden_layer_sizes=(16,),
                activation="tanh",
                alpha=0.3,
                learning_rate_init=0.01,
                max_iter=5000,
                tol=1e-5,
                random_state=SEED,
            ),
        ),
        export=export_scaled_mlp,
        tolerance=1e-5,
    ),
}


@dataclass(frozen=True)
class ModelSpec:
    """One model version to train."""

    dataset: Dataset
    family: Family
    name: str
    version: str = VERSION

    @property
    def description(self) -> str:
        rows = f"the {self.dataset.name} data set"
        return f"{self.family.summary}, trained on all rows of {rows}."


MODELS: tuple[ModelSpec, ...] = tuple(
    ModelSpec(dataset, FAMILIES[key], f"{dataset.name}-{key}")
    for dataset in DATASETS
    for key in dataset.families
)
