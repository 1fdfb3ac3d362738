"""FastAPI + scikit-learn: the forest is trained at start, as models:train trains it."""

import csv
from pathlib import Path

import numpy as np
import sklearn
from fastapi_app import LABELS, create_app, serve
from sklearn.ensemble import RandomForestClassifier

DATASET = Path(__file__).resolve().parents[4] / "models" / "datasets" / "iris.csv"

with DATASET.open(newline="") as lines:
    _, *records = csv.reader(lines)
rows = np.array([record[:4] for record in records], dtype=float)
targets = np.array([LABELS.index(record[4]) for record in records])
forest = RandomForestClassifier(n_estimators=50, random_state=42).fit(rows, targets)

# The request is validated already; scikit-learn's documentation names this setting for speed.
sklearn.set_config(assume_finite=True, skip_parameter_validation=True)


def predict(rows: list[list[float]]) -> tuple[list[int], list[list[float]]]:
    proba = forest.predict_proba(np.array(rows, dtype=np.float32))
    return proba.argmax(axis=1).tolist(), proba.tolist()


serve(create_app(predict))
