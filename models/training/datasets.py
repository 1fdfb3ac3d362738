"""The data sets: one entry in `DATASETS` for each."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.datasets import load_diabetes, load_iris, load_wine

from float32 import Float64Array
from golden import Draws

MODELS_DIR = Path(__file__).resolve().parent.parent

Outcomes = NDArray[Any]
"""Class indices `[n]` int64, or values of the target `[n]` float64."""

Source = Callable[[], Iterable[list[str]]]
"""The cells of the rows: features in the data set's order, then the outcome."""


@dataclass(frozen=True)
class Dataset:
    """A table with one class label or one number to predict a row."""

    name: str
    features: tuple[str, ...]
    families: tuple[str, ...]
    """Keys of `catalog.FAMILIES`; the first has trees and lends all its split points."""
    source: Source
    classes: tuple[str, ...] = ()
    """Labels, of a classification."""
    target: str = ""
    """Name of the predicted number, of a regression."""
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values of the features that are texts, sorted as scikit-learn's encoders sort them."""
    integers: tuple[str, ...] = ()
    """Features that are whole numbers."""
    nullable: tuple[str, ...] = ()
    """Features that a row may lack."""

    @property
    def file(self) -> str:
        return f"datasets/{self.name}.csv"

    @property
    def path(self) -> Path:
        return MODELS_DIR / self.file

    @property
    def header(self) -> list[str]:
        return [*self.features, self.target or "class"]

    @property
    def numbers(self) -> list[str]:
        return [name for name in self.features if name not in self.categories]

    @property
    def draws(self) -> Draws:
        """What random rows keep to."""
        whole = [self.features.index(name) for name in (*self.categories, *self.integers)]
        return Draws(sorted(whole), [self.features.index(name) for name in self.nullable])

    def table(self, codes: NDArray[Any]) -> Float64Array | pd.DataFrame:
        """The rows as people have them: a category's text for its index, all else float64."""
        # Not float32: scikit-learn's scaler would round its intermediate results to that.
        rows = codes.astype(np.float64)
        if not self.categories:
            return rows
        table = pd.DataFrame(rows, columns=self.features)
        for name, values in self.categories.items():
            table[name] = table[name].map(dict(enumerate(values)))
        return table


def _float_cells(rows: Float64Array, outcomes: Iterable[str]) -> list[list[str]]:
    return [
        [*(repr(float(value)) for value in row), outcome]
        for row, outcome in zip(rows, outcomes, strict=True)
    ]


def _iris() -> list[list[str]]:
    bunch = load_iris()
    return _float_cells(bunch.data, bunch.target_names[bunch.target])


# The wines behind the source's numbers 1, 2 and 3: Forina et al., Vitis 25 (1986) 189-201.
WINES = ("barolo", "grignolino", "barbera")


def _wine() -> list[list[str]]:
    rows, targets = load_wine(return_X_y=True)
    return _float_cells(rows, (WINES[target] for target in targets))


def _penguins() -> list[list[str]]:
    text = files("palmerpenguins").joinpath("data/penguins.csv").read_text(encoding="utf-8")
    header, *records = csv.reader(io.StringIO(text))
    order = [header.index(name) for name in (*PENGUIN_FEATURES, "species")]
    cells = [[record[index] for index in order] for record in records]
    return [["" if cell == "NA" else cell for cell in row] for row in cells]


def _diabetes() -> list[list[str]]:
    bunch = load_diabetes(scaled=False)
    rows = np.column_stack([bunch.data, bunch.target])
    return [[repr(float(value)).removesuffix(".0") for value in row] for row in rows]


PENGUIN_FEATURES = (
    "island",
    "bill_length_mm",
    "bill_depth_mm",
    "flipper_length_mm",
    "body_mass_g",
    "sex",
    "year",
)

DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="iris",
        features=("sepal_length", "sepal_width", "petal_length", "petal_width"),
        classes=("setosa", "versicolor", "virginica"),
        families=("forest", "logistic", "mlp"),
        source=_iris,
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
        classes=WINES,
        families=("forest",),
        source=_wine,
    ),
    Dataset(
        name="penguins",
        features=PENGUIN_FEATURES,
        classes=("Adelie", "Chinstrap", "Gentoo"),
        categories={"island": ("Biscoe", "Dream", "Torgersen"), "sex": ("female", "male")},
        integers=("year",),
        nullable=PENGUIN_FEATURES[1:],
        families=("mixed_forest", "mixed_logistic"),
        source=_penguins,
    ),
    Dataset(
        name="diabetes",
        features=("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
        target="progression",
        integers=("sex",),
        families=("boosting", "ridge"),
        source=_diabetes,
    ),
)


def source_csv(dataset: Dataset) -> str:
    """The CSV text of the data set as its package ships it; an empty cell is a missing value."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(dataset.header)
    writer.writerows(dataset.source())
    return text.getvalue()


def ensure_csv(dataset: Dataset) -> None:
    """Writes the CSV when there is none; a CSV that exists is what models are trained on."""
    if not dataset.path.exists():
        dataset.path.parent.mkdir(parents=True, exist_ok=True)
        dataset.path.write_text(source_csv(dataset), encoding="utf-8", newline="\n")


def read_csv(dataset: Dataset) -> tuple[Float64Array, Outcomes]:
    """Features `[rows, features]` as models take them, NaN where one is missing, and outcomes."""
    with dataset.path.open(encoding="utf-8", newline="") as file:
        header, *records = csv.reader(file)
    if header != dataset.header:
        raise ValueError(f"{dataset.file}: unexpected header {header}")
    codes = {
        name: {value: index for index, value in enumerate(values)}
        for name, values in dataset.categories.items()
    }

    def read(name: str, cell: str) -> float:
        if cell == "":
            return np.nan
        return codes[name][cell] if name in codes else float(cell)

    rows = np.array(
        [list(map(read, dataset.features, record[:-1])) for record in records], dtype=np.float64
    )
    outcomes = [record[-1] for record in records]
    if dataset.target:
        return rows, np.array(outcomes, dtype=np.float64)
    return rows, np.array([dataset.classes.index(label) for label in outcomes], dtype=np.int64)
