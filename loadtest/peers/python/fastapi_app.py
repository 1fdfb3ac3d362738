"""The FastAPI application of two peers; only the model behind it differs."""

from __future__ import annotations

import sys
from typing import Annotated, Callable

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

LABELS = ("setosa", "versicolor", "virginica")

Feature = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Row = Annotated[list[Feature], Field(min_length=4, max_length=4)]
Rows = list[list[float]]


class PredictRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    features: Row


class PredictBatchRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    rows: Annotated[list[Row], Field(min_length=1, max_length=100_000)]


class Prediction(BaseModel):
    class_: int = Field(serialization_alias="class")
    label: str
    proba: list[float]
    confidence: float


class PredictBatchResponse(BaseModel):
    predictions: list[Prediction]
    count: int


def described(index: int, proba: list[float]) -> Prediction:
    return Prediction.model_construct(
        class_=index, label=LABELS[index], proba=proba, confidence=max(proba)
    )


def create_app(predict: Callable[[Rows], tuple[list[int], Rows]]) -> FastAPI:
    """`predict` takes rows `[n, 4]` and gives class indices `[n]` and probabilities `[n, 3]`."""
    app = FastAPI()

    # async: a plain function would pay for a thread per request.
    @app.post("/predict")
    async def predict_one(request: PredictRequest) -> Prediction:
        classes, proba = predict([request.features])
        return described(classes[0], proba[0])

    @app.post("/predict-batch")
    async def predict_batch(request: PredictBatchRequest) -> PredictBatchResponse:
        classes, proba = predict(request.rows)
        predictions = [described(index, row) for index, row in zip(classes, proba)]
        return PredictBatchResponse.model_construct(
            predictions=predictions, count=len(predictions)
        )

    return app


def serve(app: FastAPI) -> None:
    """One worker on uvloop and httptools, no access log."""
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
