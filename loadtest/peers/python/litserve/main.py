"""LitServe + onnxruntime with its own batching; one endpoint takes single rows and batches."""

import sys
from typing import Annotated

import litserve
import numpy as np
from onnx_forest import OnnxForest, described
from pydantic import BaseModel, ConfigDict, Field

Feature = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Row = Annotated[list[Feature], Field(min_length=4, max_length=4)]


class PredictRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    rows: Annotated[list[Row], Field(min_length=1, max_length=100_000)]


class IrisForest(litserve.LitAPI):
    def setup(self, device: str) -> None:
        self.forest = OnnxForest()

    def decode_request(self, request: PredictRequest) -> np.ndarray:
        return np.array(request.rows, dtype=np.float32)

    def batch(self, inputs: list[np.ndarray]) -> tuple[np.ndarray, list[int]]:
        return np.concatenate(inputs), [len(rows) for rows in inputs]

    def predict(self, batch: tuple[np.ndarray, list[int]]) -> list[list[dict]]:
        rows, sizes = batch
        classes, proba = self.forest.predict(rows)
        answers = described(classes.tolist(), proba.tolist())
        ends = np.cumsum(sizes).tolist()
        return [answers[end - size : end] for end, size in zip(ends, sizes)]

    def unbatch(self, output: list[list[dict]]) -> list[list[dict]]:
        return output

    def encode_response(self, output: list[dict]) -> dict:
        return {"predictions": output, "count": len(output)}


if __name__ == "__main__":
    # fast_queue (ZeroMQ) and batching are what its documentation names for throughput; waiting
    # 10 ms measured 1600 requests a second, 1 ms 1300, no batching 1360.
    api = IrisForest(max_batch_size=64, batch_timeout=0.01)
    server = litserve.LitServer(
        api, accelerator="cpu", workers_per_device=1, timeout=120, fast_queue=True
    )
    server.run(
        host="127.0.0.1",
        port=int(sys.argv[1]),
        num_api_servers=1,
        generate_client_file=False,
        log_level="warning",
        access_log=False,
        loop="uvloop",
        http="httptools",
    )
