"""Scores a table in Spark with a model of a Sepal repository: the same ONNX file, typed by the same contract.

python score.py --contract penguins.json --model models/penguins-forest/1/model.onnx in.csv out

The contract is what GET /contracts/penguins returns, or contracts/<name>.json of the repository. Columns are found by name, alias
or the same words; others are passed through. A bad row has an error instead of results, as in the files of Sepal.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import FloatType, IntegerType, StringType, StructField, StructType

MISSING = ["NA", "NaN", "nan", "null", "None"]
MAX_INTEGER = 2**24
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)

Contract = dict[str, Any]


def words(heading: str) -> str:
    """A heading as a feature is called: `Sepal.Length (cm)` is sepal_length."""
    text = re.sub(r"\s*[(\[][^()\[\]]*[)\]]\s*$", "", heading)
    text = unicodedata.normalize("NFKD", text)
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = re.sub(r"([a-z\d])([A-Z])", r"\1 \2", text).lower()
    return "_".join(word for word in re.split(r"[^a-z\d]+", text) if word)


def columns_of(contract: Contract, headings: list[str]) -> list[str]:
    """The heading of each feature; fails where one has none."""
    found = []
    for feature in contract["features"]:
        names = [feature["name"], *feature.get("aliases", [])]
        exact = [heading for heading in headings if heading in names]
        same = exact or [heading for heading in headings if words(heading) in map(words, names)]
        if len(same) != 1:
            raise SystemExit(f"feature {feature['name']}: {len(same)} columns of {headings}")
        found.append(same[0])
    return found


def result_fields(contract: Contract) -> list[StructField]:
    """The results' columns, named and typed as in a file that Sepal scored."""
    if contract["task"] == "regression":
        fields = [StructField(f"predicted_{target['name']}", FloatType()) for target in contract["targets"]]
    else:
        fields = [StructField("class", IntegerType()), StructField("label", StringType())]
        if contract.get("probabilities", True):
            fields += [StructField("confidence", FloatType())]
            fields += [StructField(f"proba_{label}", FloatType()) for label in contract["classes"]]
    return [*fields, StructField("error", StringType())]


class Refused(Exception):
    """The rule that a cell breaks."""


def read_number(feature: dict[str, Any], text: str) -> float:
    if not NUMBER.fullmatch(text):
        raise Refused("is not a number")
    value = float(text)
    if not np.isfinite(np.float32(value)):
        raise Refused("is not a finite number")
    if feature["type"] == "integer" and (value != int(value) or abs(value) > MAX_INTEGER):
        raise Refused("is not a whole number")
    # Before and after it is rounded, as everywhere in Sepal.
    for number in (value, float(np.float32(value))):
        if "minimum" in feature and number < feature["minimum"]:
            raise Refused(f"is less than {feature['minimum']}")
        if "exclusive_minimum" in feature and number <= feature["exclusive_minimum"]:
            raise Refused(f"is not greater than {feature['exclusive_minimum']}")
        if "maximum" in feature and number > feature["maximum"]:
            raise Refused(f"is greater than {feature['maximum']}")
    return value


def reader_of(feature: dict[str, Any], missing: set[str]) -> Callable[[Any], float]:
    """A cell as the model takes it: numbers, codes of categories, 0 and 1, NaN for what is missing."""
    values = {value: float(code) for code, value in enumerate(feature.get("values", []))}
    unknown = feature.get("unknown", "refuse")

    def absent() -> float:
        if feature.get("nullable"):
            return float("nan")
        raise Refused("is missing")

    def read(cell: Any) -> float:
        text = "" if cell is None or cell != cell else str(cell)
        if text in values:
            return values[text]
        text = text.strip()
        if text == "" or text in missing:
            return absent()
        if feature["type"] == "boolean":
            flags = {"true": 1.0, "1": 1.0, "false": 0.0, "0": 0.0}
            if text.lower() not in flags:
                raise Refused("is neither true nor false")
            return flags[text.lower()]
        if feature["type"] != "category":
            return read_number(feature, text)
        if text in values:
            return values[text]
        if unknown == "missing":
            return absent()
        if unknown in values:
            return values[unknown]
        raise Refused(f"is none of {', '.join(values)}")

    return read


def score(table: DataFrame, contract: Contract, model: bytes) -> DataFrame:
    """The table with the results behind its columns."""
    columns = columns_of(contract, table.columns)
    fields = result_fields(contract)
    names = [field.name for field in fields]
    taken = [name for name in names if name in table.columns]
    if taken:
        raise SystemExit(f"rename the columns {taken}, which results have")
    shared = table.sparkSession.sparkContext.broadcast(model)
    missing = set(contract.get("missing", MISSING))

    def score_parts(parts: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        import onnxruntime

        # Spark gives each task a core; a session a task, not a part.
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(shared.value, options, providers=["CPUExecutionProvider"])
        readers = [reader_of(feature, missing) for feature in contract["features"]]
        for part in parts:
            rows = np.full((len(part), len(readers)), np.nan, dtype=np.float32)
            errors: list[str | None] = [None] * len(part)
            for place, (column, read) in enumerate(zip(columns, readers)):
                for row, cell in enumerate(part[column].to_numpy(dtype=object)):
                    try:
                        rows[row, place] = read(cell)
                    except Refused as refused:
                        errors[row] = errors[row] or f"column {column} {refused}"
            good = np.array([error is None for error in errors], dtype=bool)
            results = predict(session, contract, rows[good]) if good.any() else {}
            for name in names[:-1]:
                whole = np.full(len(part), None, dtype=object)
                whole[good] = results.get(name, [])
                part[name] = whole
            part["error"] = errors
            yield part

    return table.mapInPandas(score_parts, StructType([*table.schema.fields, *fields]))


def predict(session: Any, contract: Contract, rows: np.ndarray) -> dict[str, list[Any]]:
    wanted = [output.name for output in session.get_outputs()]
    found = dict(zip(wanted, session.run(wanted, {"features": rows})))
    if contract["task"] == "regression":
        values = found["values"]
        return {f"predicted_{each['name']}": values[:, at].tolist() for at, each in enumerate(contract["targets"])}
    places = found["class"].astype(int)
    results = {"class": places.tolist(), "label": [contract["classes"][place] for place in places]}
    if contract.get("probabilities", True):
        proba = np.clip(found["proba"], 0, 1)
        results["confidence"] = proba[np.arange(len(proba)), places].tolist()
        results |= {f"proba_{label}": proba[:, at].tolist() for at, label in enumerate(contract["classes"])}
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--contract", required=True, help="the contract, as JSON")
    parser.add_argument("--model", required=True, help="model.onnx of a version")
    parser.add_argument("source", help="CSV with a header, or a folder of such files")
    parser.add_argument("target", help="folder for the scored CSV; it must not be there")
    given = parser.parse_args()
    with open(given.contract, encoding="utf-8") as file:
        contract = json.load(file)
    with open(given.model, "rb") as file:
        model = file.read()
    # Its workers have the libraries of this Python, whatever the path has.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = SparkSession.builder.appName("sepal").getOrCreate()
    # As texts: the contract says what a cell may be, and other columns come back as they are.
    table = spark.read.csv(given.source, header=True, inferSchema=False, escape='"', multiLine=True)
    score(table, contract, model).write.csv(given.target, header=True, escape='"')
    spark.stop()


if __name__ == "__main__":
    main()
