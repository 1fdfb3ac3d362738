"""Uses the generated SDK: one prediction, a batch, an input that breaks a rule, and a file."""

import json
import sys
from io import BytesIO

from sepal_sdk import Client
from sepal_sdk.api.predictions import predict, predict_batch, predict_file
from sepal_sdk.models import (
    IrisPredictBatchRequest,
    IrisPredictBatchResponse,
    IrisPredictRequest,
    IrisPredictResponse,
    PredictFileBody,
    ValidationError,
)
from sepal_sdk.types import File

url, csv = sys.argv[1:]
client = Client(base_url=url)

answer = predict.sync(client=client, body=IrisPredictRequest(features=[6, 2.7, 5.1, 1.6]))
assert isinstance(answer, IrisPredictResponse), answer

rows: list[list[float]] = [[5.1, 3.5, 1.4, 0.2], [6.9, 3.1, 5.4, 2.1]]
batch = predict_batch.sync(client=client, body=IrisPredictBatchRequest(rows=rows))
assert isinstance(batch, IrisPredictBatchResponse), batch

refused = predict.sync_detailed(
    client=client, body=IrisPredictRequest(features=[-1, 2.7, 5.1, 1.6])
)
assert isinstance(refused.parsed, ValidationError), refused

file = File(payload=BytesIO(csv.encode()), file_name="rows.csv", mime_type="text/csv")
scored = predict_file.sync(client=client, body=PredictFileBody(file=file))
assert isinstance(scored, File), scored

print(
    json.dumps(
        {
            "label": answer.label.value,
            "labels": [row.label.value for row in batch.predictions],
            "status": int(refused.status_code),
            "rules": [{"type": rule.type_, "loc": rule.loc} for rule in refused.parsed.detail],
            "scored": scored.payload.read().decode(),
        }
    )
)
