"""The data sets: one entry in `DATASETS` for each."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_iris, load_wine

from float32 import Float64Array

MODELS_DIR = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Dataset:
    """A table of numbers with one class label a row."""

    name: str
    features: tuple[str, ...]
    classes: tuple[str, ...]
    families: tuple[str, ...]
    """Keys of `catalog.FAMILIES`; the first is a forest and lends all its split points."""
    source: Callable[[], tuple[Float64Array, NDArray[np.int64]]]

    @property
    def file(self) -> str:
        return f"datasets/{self.name}.csv"

    @property
    def path(self) -> Path:
        return MODELS_DIR / self.file


DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="iris",
        features=("sepal_length", "sepal_width", "petal_length", "petal_width"),
        classes=("setosa", "versicolor", "virginica"),
        families=("forest", "logistic", "mlp"),
        source=lambda: load_iris(return_X_y=True),
    ),
    Dataset(
        name="wine",
        features=(
            "alcohol",
            "malic_acid",
            "ash",
            "alcalinity_of_ash",
            "magnesium",
            "total_phenols",
            "flavanoids",
            "nonflavanoid_phenols",
            "proanthocyanins",
            "color_intensity",
            "hue",
            "od280_od315_of_diluted_wines",
            "proline",
        ),
        # The wines behind the source's numbers 1, 2 and 3: Forina et al., Vitis 25 (1986) 189-201.
        classes=("barolo", "grignolino", "barbera"),
        families=("forest",),
        source=lambda: load_wine(return_X_y=True),
    ),
)


def source_csv(dataset: Dataset) -> str:
    """The CSV text of the data set as scikit-learn ships it."""
    rows, targets = dataset.source()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*dataset.features, "class"])
    for row, target in zip(rows, targets, strict=True):
        writer.writerow([*(repr(float(value)) for value in row), dataset.classes[target]])
    return text.getvalue()


def ensure_csv(dataset: Dataset) -> None:
    """Writes the CSV when there is none; a CSV that exists is what models are trained on."""
    if not dataset.path.exists():
        dataset.path.parent.mkdir(parents=True, exist_ok=True)
        dataset.path.write_text(source_csv(dataset), encoding="utf-8", newline="\n")


def read_csv(dataset: Dataset) -> tuple[Float64Array, NDArray[np.int64]]:
    """Features `[rows, features]` and class indices `[rows]`."""
    with dataset.path.open(encoding="utf-8", newline="") as file:
        header, *records = csv.reader(file)
    if header != [*dataset.features, "class"]:
        raise ValueError(f"{dataset.file}: unexpected header {header}")
    rows = np.array([record[:-1] for record in records], dtype=np.float64)
    targets = np.array([dataset.classes.index(record[-1]) for record in records], dtype=np.int64)
    return rows, targets
