"""What is trained: every family of a data set's entry becomes the model `<data set>-<family>`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from datasets import DATASETS, Dataset
from export_dense import (
    export_mixed_logistic,
    export_scaled_logistic,
    export_scaled_mlp,
    export_scaled_ridge,
)
from export_trees import export_boosting, export_forest

SEED = 42
VERSION = "1"


@dataclass(frozen=True)
class Family:
    """A kind of estimator, how to export it and how closely ONNX must follow it."""

    name: str
    """Of the models, after the data set's."""
    label: str
    summary: str
    estimator: Callable[[Dataset], Any]
    export: Callable[[Any], bytes]
    tolerance: float
    """Largest difference between ONNX and scikit-learn, relative to numbers above 1."""


def _forest() -> RandomForestClassifier:
    return RandomForestClassifier(n_estimators=50, random_state=SEED)


def _logistic() -> LogisticRegression:
    return LogisticRegression(max_iter=1000, random_state=SEED)


def _mixed_forest(dataset: Dataset) -> Pipeline:
    """Categories by the index of their value; the trees learn where a missing value goes."""
    columns = ColumnTransformer(
        [
            ("categories", OrdinalEncoder(), list(dataset.categories)),
            ("numbers", "passthrough", dataset.numbers),
        ]
    )
    return make_pipeline(columns, _forest())


def _mixed_logistic(dataset: Dataset) -> Pipeline:
    """A missing number is the median, a missing category the most frequent one."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    categories = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder())
    columns = ColumnTransformer(
        [
            ("numbers", numbers, dataset.numbers),
            ("categories", categories, list(dataset.categories)),
        ]
    )
    return make_pipeline(columns, _logistic())


FAMILIES: dict[str, Family] = {
    "forest": Family(
        name="forest",
        label="random forest",
        summary="Random forest of 50 trees",
        estimator=lambda _: _forest(),
        export=export_forest,
        tolerance=1e-6,
    ),
    "logistic": Family(
        name="logistic",
        label="logistic regression",
        summary="Multinomial logistic regression on standardised features",
        estimator=lambda _: make_pipeline(StandardScaler(), _logistic()),
        export=export_scaled_logistic,
        tolerance=1e-5,
    ),
    "mlp": Family(
        name="mlp",
        label="multilayer perceptron",
        summary="Multilayer perceptron with one hidden layer of 16 units on standardised features",
        # Not lbfgs: it can amplify the last bit, in which BLAS kernels differ, to another class.
        estimator=lambda _: make_pipeline(
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
    "mixed_forest": Family(
        name="forest",
        label="random forest",
        summary="Random forest of 50 trees that takes categories and missing values",
        estimator=_mixed_forest,
        export=export_forest,
        tolerance=1e-6,
    ),
    "mixed_logistic": Family(
        name="logistic",
        label="logistic regression",
        summary="Multinomial logistic regression on imputed, standardised and one-hot features",
        estimator=_mixed_logistic,
        export=export_mixed_logistic,
        tolerance=1e-6,
    ),
    "boosting": Family(
        name="boosting",
        label="gradient boosting",
        summary="Gradient boosting with 100 trees",
        estimator=lambda _: GradientBoostingRegressor(
            learning_rate=0.05, max_depth=2, subsample=0.5, random_state=SEED
        ),
        export=export_boosting,
        tolerance=1e-6,
    ),
    "ridge": Family(
        name="ridge",
        label="ridge regression",
        summary="Ridge regression on standardised features",
        estimator=lambda _: make_pipeline(StandardScaler(), Ridge()),
        export=export_scaled_ridge,
        tolerance=1e-6,
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
    def contract(self) -> str:
        return self.dataset.name

    @property
    def description(self) -> str:
        rows = f"the {self.dataset.name} data set"
        return f"{self.family.summary}, trained on all rows of {rows}."


def _spec(dataset: Dataset, family: Family) -> ModelSpec:
    return ModelSpec(dataset, family, f"{dataset.name}-{family.name}")


MODELS: tuple[ModelSpec, ...] = tuple(
    _spec(dataset, FAMILIES[key]) for dataset in DATASETS for key in dataset.families
)
