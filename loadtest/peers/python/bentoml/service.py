"""BentoML + onnxruntime with adaptive batching; its batchable APIs take rows `[n, 4]`."""

from __future__ import annotations

from typing import Annotated

import bentoml
import numpy as np
from annotated_types import Gt, Len
from onnx_forest import OnnxForest, described
from pydantic import BaseModel, ConfigDict, Field

Row = Annotated[list[Annotated[float, Gt(0)]], Len(4, 4)]


class Prediction(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True)
    class_: int = Field(alias="class")
    label: str
    proba: list[float]
    confidence: float


@bentoml.service(
    workers=1,
    traffic={"timeout": 120},
    logging={"access": {"enabled": False}},
    metrics={"enabled": False},
)
class IrisForest:
    def __init__(self) -> None:
        self.forest = OnnxForest()

    # async: BentoML would hand a plain function to a thread.
    @bentoml.api(batchable=True, max_batch_size=10_000, max_latency_ms=10_000)
    async def predict(self, rows: list[Row]) -> list[Prediction]:
        classes, proba = self.forest.predict(np.array(rows, dtype=np.float32))
        return described(classes.tolist(), proba.tolist())
