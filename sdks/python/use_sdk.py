"""Uses the generated SDK: one prediction, a batch, and an input that breaks a rule."""

import json
import sys

from sepal_sdk import Client
from sepal_sdk.api.predictions import predict, predict_batch
from sepal_sdk.models import (
    IrisPredictBatchRequest,
    IrisPredictBatchResponse,
    IrisPredictRequest,
    IrisPredictResponse,
    ValidationError,
)

client = Client(base_url=sys.argv[1])

answer = predict.sync(client=client, body=IrisPredictRequest(features=[6, 2.7, 5.1, 1.6]))
assert isinstance(answer, IrisPredictResponse), answer

rows: list[list[float]] = [[5.1, 3.5, 1.4, 0.2], [6.9, 3.1, 5.4, 2.1]]
batch = predict_batch.sync(client=client, body=IrisPredictBatchRequest(rows=rows))
assert isinstance(batch, IrisPredictBatchResponse), batch

refused = predict.sync_detailed(
    client=client, body=IrisPredictRequest(features=[-1, 2.7, 5.1, 1.6])
)
assert isinstance(refused.parsed, ValidationError), refused

print(
    json.dumps(
        {
            "label": answer.label.value,
            "labels": [row.label.value for row in batch.predictions],
            "status": int(refused.status_code),
            "rules": [{"type": rule.type_, "loc": rule.loc} for rule in refused.parsed.detail],
        }
    )
)
