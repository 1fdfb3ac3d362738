"""FastAPI + onnxruntime."""

import numpy as np
from fastapi_app import create_app, serve
from onnx_forest import OnnxForest

forest = OnnxForest()


def predict(rows: list[list[float]]) -> tuple[list[int], list[list[float]]]:
    classes, proba = forest.predict(np.array(rows, dtype=np.float32))
    return classes.tolist(), proba.tolist()


serve(create_app(predict))
