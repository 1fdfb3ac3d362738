"""Opens a pickled estimator and converts it to ONNX, for pickle.ts, which starts it in a process of its own.

A request and its response are one line of JSON each, on standard input and on descriptor 3. `open` describes the estimator,
`convert` writes the next graph that can be made of it, with its own predictions of a table.
"""

from __future__ import annotations

import json
import math
import os
import queue
import sys
import threading
import warnings
from typing import Any, Iterator

MAX_TEXT = 600

# Of the trees' operators version 3 is the last that onnxmltools writes, and every ONNX Runtime of the last years reads.
OPSETS = {"": 18, "ai.onnx.ml": 3}


class Refusal(Exception):
    """Why a file cannot be converted, in words for its owner."""


def short(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:MAX_TEXT]}"


def name_of(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def untrusted_types(path: str) -> list[str]:
    import skops.io

    return list(skops.io.get_untrusted_types(file=path))


def load(path: str, is_skops: bool) -> Any:
    try:
        if is_skops:
            import skops.io

            return skops.io.load(path, trusted=untrusted_types(path))
        import joblib

        return joblib.load(path)
    except ModuleNotFoundError as error:
        module = str(error.name).split(".")[0]
        raise Refusal(
            f"it needs the module {error.name}, which {sys.executable} does not have: install the package of {module} "
            "there, or convert where it is"
        ) from error
    except AttributeError as error:
        raise Refusal(
            f"it cannot be opened ({short(error)}): it uses a class or function of the notebook itself, or of another "
            "version of a library; convert it there"
        ) from error


def fitted(value: Any) -> Any:
    """The estimator that predicts: of a search the best one."""
    if isinstance(value, (dict, list, tuple)):
        inside = list(value) if isinstance(value, dict) else [name_of(each) for each in value]
        raise Refusal(
            f"it holds a {type(value).__name__} of {str(inside)[:MAX_TEXT]}: dump the fitted estimator alone, or one "
            "Pipeline of all steps"
        )
    module = type(value).__module__.split(".")[0]
    remedies = {
        "torch": "torch.onnx.export(…) makes an ONNX file of it",
        "keras": "model.export(path, format='onnx') makes an ONNX file of it",
        "tensorflow": "tf2onnx makes an ONNX file of it",
        "statsmodels": "fit the same model with scikit-learn",
    }
    if module in remedies:
        raise Refusal(f"it holds {name_of(value)}, which is no estimator of scikit-learn: {remedies[module]}")
    if not hasattr(value, "predict") or not hasattr(value, "get_params"):
        wrapper = {"xgboost": "XGBClassifier or XGBRegressor", "lightgbm": "LGBMClassifier or LGBMRegressor"}
        remedy = wrapper.get(module, "fitted estimator or Pipeline")
        raise Refusal(f"it holds {name_of(value)}, not an estimator with predict: dump the {remedy}")
    if hasattr(value, "best_estimator_"):
        return fitted(value.best_estimator_)
    if hasattr(value, "cv_results_") or hasattr(value, "refit"):
        raise Refusal(f"{name_of(value)} was not refitted, so it has no best_estimator_: search with refit=True")
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(value)
    except NotFittedError as error:
        raise Refusal(f"{name_of(value)} is not fitted: call fit before it is dumped") from error
    except TypeError:
        pass  # Another library's, which scikit-learn knows nothing of.
    return value


def task_of(model: Any) -> str:
    from sklearn.base import is_classifier, is_regressor

    if is_classifier(model):
        return "classification"
    if is_regressor(model):
        return "regression"
    raise Refusal(f"{name_of(model)} is neither a classifier nor a regressor, and nothing else is served")


def plain(value: Any) -> str:
    return str(value.item() if hasattr(value, "item") else value)


def parts(value: Any, seen: set[int]) -> Iterator[Any]:
    """An estimator and all that it holds: steps, transformers, encoders."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from parts(each, seen)
    elif hasattr(value, "get_params") and not isinstance(value, type):
        yield value
        yield from parts(vars(value), seen)


def known_texts(model: Any) -> set[str]:
    """Texts that an encoder knows as categories: a spelling of a missing cell among them is a value."""
    return {
        text
        for part in parts(model, set())
        for categories in getattr(part, "categories_", [])
        for text in categories
        if isinstance(text, str)
    }


def is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def convertible(model: Any) -> Any:
    """A copy that predicts the same and that the converters know.

    A missing text is the empty one there, since tensors of texts have no NaN; XGBoost's features are numbered.
    """
    import copy

    import numpy

    model = copy.deepcopy(model)
    for part in parts(model, set()):
        statistics = getattr(part, "statistics_", None)
        if statistics is not None and any(isinstance(value, str) for value in statistics):
            if part.missing_values is None or is_nan(part.missing_values):
                part.missing_values = ""
        if hasattr(part, "flatten_transform"):
            part.flatten_transform = False  # Of what `transform` gives alone.
        if hasattr(part, "get_booster"):
            booster = part.get_booster()
            booster.feature_names = [f"f{place}" for place in range(booster.num_features())]
        categories = getattr(part, "categories_", [])
        for place, values in enumerate(categories):
            if not any(isinstance(value, str) for value in values):
                continue
            texts = ["" if value is None or is_nan(value) else value for value in values]
            categories[place] = numpy.array(texts, dtype=object)
    return model


def with_rounding(model: Any) -> Any:
    """A pipeline that rounds to float32 before its trees, as scikit-learn's do with whatever they get; None for others."""
    import numpy
    from skl2onnx.sklapi import CastTransformer
    from sklearn.pipeline import Pipeline

    if not isinstance(model, Pipeline):
        return None
    return Pipeline([*model.steps[:-1], ("float32", CastTransformer(dtype=numpy.float32)), model.steps[-1]])


class Opened:
    """An estimator, and how graphs are made of it."""

    def __init__(self, path: str, is_skops: bool) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.model = fitted(load(path, is_skops))
        self.trained_with = next(
            (
                str(entry.message.original_sklearn_version)
                for entry in caught
                if hasattr(entry.message, "original_sklearn_version")
            ),
            None,
        )
        self.task = task_of(self.model)
        names = getattr(self.model, "feature_names_in_", None)
        self.names = None if names is None else [str(name) for name in names]
        width = getattr(self.model, "n_features_in_", None)
        self.width = None if width is None else int(width)
        self.graphs: Iterator[bytes] | None = None
        self.failure: BaseException | None = None

    def describe(self) -> dict[str, Any]:
        import sklearn
        import skl2onnx

        classes = getattr(self.model, "classes_", None)
        if isinstance(classes, list):
            raise Refusal("it predicts several labels a row, which is not supported: dump a model of each")
        return {
            "task": self.task,
            "type": name_of(self.model),
            "names": self.names,
            "width": self.width,
            "classes": None if classes is None else [plain(each) for each in classes],
            "trained_with": self.trained_with,
            "versions": {"scikit-learn": sklearn.__version__, "skl2onnx": skl2onnx.__version__},
        }

    def read(self, table: str, missing: list[str]) -> Any:
        """The table as a notebook reads it; an array where the model knows no names."""
        import pandas

        known = known_texts(self.model)
        frame = pandas.read_csv(
            table,
            keep_default_na=False,
            na_values=["", *(text for text in missing if text not in known)],
            encoding="utf-8",
        )
        if self.names is not None:
            frame.columns = self.names
            return frame
        return frame if any(kind == "text" for kind in kinds_of(frame)) else frame.to_numpy()

    def predict(self, rows: Any) -> dict[str, Any]:
        """The estimator's own predictions, classes as their places."""
        found: dict[str, Any] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            predicted = self.model.predict(rows)
            if self.task == "classification":
                places = {plain(label): place for place, label in enumerate(self.model.classes_)}
                found["classes"] = [places.get(plain(label), -1) for label in predicted.ravel()]
                if hasattr(self.model, "predict_proba"):
                    found["proba"] = self.model.predict_proba(rows).tolist()
            else:
                values = predicted.reshape(len(predicted), -1)
                found["values"] = values.tolist()
        for numbers in (found.get("proba"), found.get("values")):
            for row, values in enumerate(numbers or []):
                if not all(math.isfinite(value) for value in values):
                    raise Refusal(f"for row {row + 1} of the table the pickled model itself predicts {values}")
        return found

    def next_graph(self, rows: Any) -> bytes | None:
        if self.graphs is None:
            self.graphs = self.make_graphs(rows)
        return next(self.graphs, None)

    def make_graphs(self, rows: Any) -> Iterator[bytes]:
        """One graph after the other, of other types of inputs, each as long as the one before it disagrees."""
        if type(self.model).__module__.startswith("catboost"):
            yield self.catboost()
            return
        register_boosting()
        mend_converters()
        from skl2onnx import to_onnx

        model = convertible(self.model)
        rounding = with_rounding(model)
        for types in typings(rows):
            is_double = any(type(tensor).__name__ == "DoubleTensorType" for _, tensor in types)
            for variant in (rounding, model) if is_double and rounding is not None else (model,):
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        yield to_onnx(variant, initial_types=types, target_opset=OPSETS).SerializeToString()
                except Exception as error:  # noqa: BLE001 - a converter fails with anything
                    self.failure = self.failure or error

    def catboost(self) -> bytes:
        import tempfile

        with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
            self.model.save_model(file.name, format="onnx")
            return file.read()


def kinds_of(frame: Any) -> list[str]:
    from pandas.api import types

    def kind(column: Any) -> str:
        if types.is_bool_dtype(column):
            return "boolean"
        if types.is_integer_dtype(column):
            return "integer"
        return "number" if types.is_float_dtype(column) else "text"

    return [kind(frame[name]) for name in frame.columns]


def typings(rows: Any) -> Iterator[list[tuple[str, Any]]]:
    """Types of inputs to try: float32 first, which is what the server computes with, then those of the table."""
    from skl2onnx.common.data_types import (
        BooleanTensorType,
        DoubleTensorType,
        FloatTensorType,
        Int64TensorType,
        StringTensorType,
    )

    if not hasattr(rows, "columns"):
        for tensor in (FloatTensorType, DoubleTensorType):
            yield [("X", tensor([None, rows.shape[1]]))]
        return
    kinds = kinds_of(rows)
    if set(kinds) <= {"number", "integer"}:
        # A pipeline that asks for no column by its name takes one tensor, which every converter knows.
        for tensor in (FloatTensorType, DoubleTensorType):
            yield [("X", tensor([None, len(kinds)]))]
    text = {"text": StringTensorType}
    choices = [
        {"number": FloatTensorType, "integer": FloatTensorType, "boolean": FloatTensorType},
        {"number": FloatTensorType, "integer": Int64TensorType, "boolean": BooleanTensorType},
        {"number": FloatTensorType, "integer": FloatTensorType, "boolean": BooleanTensorType},
        {"number": DoubleTensorType, "integer": Int64TensorType, "boolean": BooleanTensorType},
        {"number": DoubleTensorType, "integer": DoubleTensorType, "boolean": BooleanTensorType},
        {"number": DoubleTensorType, "integer": DoubleTensorType, "boolean": DoubleTensorType},
        {"number": FloatTensorType, "integer": Int64TensorType, "boolean": Int64TensorType},
        {"number": FloatTensorType, "integer": FloatTensorType, "boolean": StringTensorType},
    ]
    seen: list[list[Any]] = []
    for choice in choices:
        chosen = [{**choice, **text}[kind] for kind in kinds]
        if chosen in seen:
            continue
        seen.append(chosen)
        yield [(name, tensor([None, 1])) for name, tensor in zip(rows.columns, chosen)]


def mend_converters() -> None:
    """What skl2onnx writes so that onnx or ONNX Runtime refuses it, written otherwise."""
    from skl2onnx import update_registered_converter
    from skl2onnx.common._apply_operation import apply_identity
    from skl2onnx.common._container import ModelComponentContainer
    from skl2onnx.common.data_types import DoubleTensorType
    from skl2onnx.operator_converters.common import concatenate_variables
    from skl2onnx.operator_converters.imputer_op import convert_sklearn_imputer
    from skl2onnx.common._registration import get_shape_calculator
    from onnx import TensorProto
    from sklearn.impute import SimpleImputer

    add_node = ModelComponentContainer.add_node

    def add_node_of_integers(self: Any, *args: Any, **attributes: Any) -> Any:
        # HistGradientBoosting's missing_value_tracks_true are booleans.
        for name, value in attributes.items():
            if isinstance(value, list) and any(type(each).__name__.startswith("bool") for each in value):
                attributes[name] = [int(each) for each in value]
        return add_node(self, *args, **attributes)

    ModelComponentContainer.add_node = add_node_of_integers

    def convert_imputer(scope: Any, operator: Any, container: Any) -> None:
        # ONNX Runtime has no Imputer of DOUBLE.
        imputer = operator.raw_operator
        is_double = all(isinstance(variable.type, DoubleTensorType) for variable in operator.inputs)
        if not is_double or not is_nan(imputer.missing_values) or imputer.add_indicator:
            convert_sklearn_imputer(scope, operator, container)
            return
        whole = concatenate_variables(scope, operator.inputs, container)
        names = [scope.get_unique_variable_name(name) for name in ("missing", "filling", "filled")]
        missing, filling, filled = names
        values = [float(value) for value in imputer.statistics_]
        container.add_initializer(filling, TensorProto.DOUBLE, [1, len(values)], values)
        container.add_node("IsNaN", [whole], [missing], op_version=13)
        container.add_node("Where", [missing, filling, whole], [filled], op_version=9)
        apply_identity(scope, filled, operator.outputs[0].full_name, container)

    update_registered_converter(
        SimpleImputer, "SklearnImputerOfDoubles", get_shape_calculator("SklearnImputer"), convert_imputer
    )


def register_boosting() -> None:
    """Makes skl2onnx know the estimators of XGBoost and LightGBM, where they and onnxmltools are installed."""
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import (
        calculate_linear_classifier_output_shapes,
        calculate_linear_regressor_output_shapes,
    )

    classifier = {"nocl": [True, False], "zipmap": [True, False, "columns"]}
    if "xgboost" in sys.modules:
        import xgboost

        try:
            from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
        except ImportError as error:
            raise Refusal(missing_tools("XGBoost")) from error
        for kind, shapes, options in (
            (xgboost.XGBClassifier, calculate_linear_classifier_output_shapes, classifier),
            (xgboost.XGBRegressor, calculate_linear_regressor_output_shapes, None),
        ):
            update_registered_converter(kind, kind.__name__, shapes, convert_xgboost, options=options)
    if "lightgbm" in sys.modules:
        import lightgbm

        try:
            from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
        except ImportError as error:
            raise Refusal(missing_tools("LightGBM")) from error
        for kind, shapes, options in (
            (lightgbm.LGBMClassifier, calculate_linear_classifier_output_shapes, classifier),
            (lightgbm.LGBMRegressor, calculate_linear_regressor_output_shapes, {"split": None}),
        ):
            update_registered_converter(kind, kind.__name__, shapes, convert_lightgbm, options=options)


def missing_tools(library: str) -> str:
    return f"a model of {library} is converted by onnxmltools: {sys.executable} -m pip install onnxmltools"


class Converter:
    def __init__(self) -> None:
        self.opened: Opened | None = None
        self.rows: Any = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["step"] == "types":
            return {"untrusted": untrusted_types(request["path"])}
        if request["step"] == "open":
            self.opened = Opened(request["path"], request["skops"])
            return self.opened.describe()
        assert self.opened is not None
        if self.rows is None:
            self.rows = self.opened.read(request["table"], request["missing"])
            with open(request["predictions"], "w", encoding="utf-8") as file:
                json.dump(self.opened.predict(self.rows), file)
        graph = self.opened.next_graph(self.rows)
        if graph is None:
            failure = self.opened.failure
            return {"none": None if failure is None else short(failure)}
        with open(request["onnx"], "wb") as file:
            file.write(graph)
        return {"written": True}


def bound(seconds: int) -> None:
    """Ends with so much time on a core, whatever becomes of the process that started this one."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.nice(5)
    except (ImportError, OSError, ValueError):
        pass  # Another system than Linux or macOS: the other process ends this one.


def requests() -> Iterator[str]:
    """Lines of standard input; a thread reads them, which ends this process with the one that started it."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def listen() -> None:
        for line in sys.stdin:
            lines.put(line)
        os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        yield lines.get()


def main() -> None:
    replies = os.fdopen(3, "w", encoding="utf-8")
    converter = Converter()
    for line in requests():
        request = json.loads(line)
        if request["step"] != "convert":
            bound(request["seconds"])
            sys.path[:] = request["modules"]
        try:
            reply = converter.answer(request)
        except Refusal as refusal:
            reply = {"refusal": str(refusal)}
        except MemoryError:
            reply = {"refusal": "there is not enough memory for it"}
        except Exception as error:  # noqa: BLE001 - the file's own code may fail with anything
            reply = {"refusal": f"it failed with {short(error)}"}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
