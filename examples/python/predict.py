"""Predicts with a Sepal server; the standard library is enough."""

import json
import os
import random
import sys
import time
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

URL = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000"
KEY = os.environ.get("SEPAL_API_KEY")
ATTEMPTS = 6


def post(path: str, body: dict[str, Any]) -> tuple[int, Any]:
    """Sends JSON and returns status and response; waits and retries when the server is overloaded."""
    headers = {"content-type": "application/json"}
    if KEY is not None:
        headers["x-api-key"] = KEY
    request = Request(URL + path, json.dumps(body).encode(), headers)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except HTTPError as error:
            # 429 and 503 mean that nothing was run: the same request may be sent again.
            if error.code not in (429, 503) or attempt == ATTEMPTS:
                return error.code, json.load(error)
            wait = float(error.headers.get("retry-after") or 0.1 * 2**attempt)
            # Not all clients at once.
            time.sleep(wait * (1 + random.random() / 4))
    raise AssertionError("the last attempt returns")


# One row: sepal length, sepal width, petal length, petal width, in centimetres.
status, response = post("/predict", {"features": [6, 2.7, 5.1, 1.6]})
if status != 200:
    sys.exit(f"{status}: {response['detail']}")
print(f"one: {response['label']} {response['confidence']}")

# Many rows in one request.
status, response = post("/predict-batch", {"rows": [[5.1, 3.5, 1.4, 0.2], [6.9, 3.1, 5.4, 2.1]]})
if status != 200:
    sys.exit(f"{status}: {response['detail']}")
for row in response["predictions"]:
    print(f"batch: {row['label']} {row['confidence']}")

# A length cannot be negative: the 422 says which rule was broken where.
status, response = post("/predict", {"features": [-1, 2.7, 5.1, 1.6]})
if status != 422:
    sys.exit(f"a negative length returned {status}")
for rule in response["detail"]:
    print(f"refused: {'.'.join(map(str, rule['loc']))}: {rule['msg']}")
