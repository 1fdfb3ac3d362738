"""Runs the stock clients of the Open Inference Protocol, unchanged, against a server.

Usage: check.py URL. Prints one line a check; ends with 1 where one failed.
"""

import asyncio
import sys

import numpy as np
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from tritonclient.utils import InferenceServerException

URL = sys.argv[1].rstrip("/")
HOST = URL.removeprefix("http://")
MODEL = "iris-forest"
ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3], [5.9, 3.0, 4.2, 1.5]], dtype=np.float32)
MANY = np.tile(ROWS, (700, 1))
failures = 0


def check(name, passed):
    global failures
    if not passed:
        failures += 1
    print(f"{'ok' if passed else 'FAILED':8}{name}", flush=True)


def triton_input(rows, binary, datatype="FP32"):
    tensor = triton.InferInput("features", list(rows.shape), datatype)
    tensor.set_data_from_numpy(rows, binary_data=binary)
    return [tensor]


def right(result, rows):
    """Whether an answer has the classes and probabilities of setosa, virginica, versicolor in turns."""
    classes, proba = result.as_numpy("class"), result.as_numpy("proba")
    expected = np.tile([0, 2, 1], len(rows) // 3)
    return (
        classes.dtype == np.int64
        and np.array_equal(classes, expected)
        and proba.shape == (len(rows), 3)
        and np.array_equal(proba.argmax(axis=1), expected)
        and np.allclose(proba.sum(axis=1), 1, atol=1e-6)
    )


def refused(call, status, text):
    try:
        call()
    except InferenceServerException as error:
        return error.status() == status and text in error.message()
    return False


def run_triton():
    client = triton.InferenceServerClient(HOST, concurrency=4)
    check("tritonclient: server live", client.is_server_live())
    check("tritonclient: server ready", client.is_server_ready())
    check("tritonclient: model ready", client.is_model_ready(MODEL))
    check("tritonclient: version ready", client.is_model_ready(MODEL, "1"))
    check("tritonclient: an unknown model is not ready", not client.is_model_ready("rose"))
    server = client.get_server_metadata()
    check("tritonclient: server metadata", "binary_tensor_data" in server["extensions"])
    metadata = client.get_model_metadata(MODEL, "1")
    check("tritonclient: model metadata", metadata["inputs"][0]["shape"] == [-1, 4])

    for rows in (ROWS, MANY):
        size = f"{len(rows)} rows"
        for binary in (True, False):
            form = "bytes" if binary else "JSON"
            inputs = triton_input(rows, binary)
            check(f"tritonclient: {size} as {form}, default outputs", right(client.infer(MODEL, inputs), rows))
            outputs = [triton.InferRequestedOutput(name, binary_data=binary) for name in ("proba", "class")]
            result = client.infer(MODEL, inputs, "1", outputs=outputs, request_id="42")
            check(f"tritonclient: {size} as {form}, outputs as {form}", right(result, rows))
            check(f"tritonclient: {size} as {form}, id echoed", result.get_response()["id"] == "42")
        for algorithm in ("gzip", "deflate"):
            result = client.infer(
                MODEL,
                triton_input(rows, True),
                request_compression_algorithm=algorithm,
                response_compression_algorithm=algorithm,
            )
            check(f"tritonclient: {size} compressed with {algorithm}", right(result, rows))

    # `async_infer` runs in greenlets.
    pending = [client.async_infer(MODEL, triton_input(ROWS, True)) for _ in range(20)]
    check("tritonclient: 20 async_infer", all(right(one.get_result(), ROWS) for one in pending))

    body, length = triton.InferenceServerClient.generate_request_body(triton_input(ROWS, True))
    check("tritonclient: a request body of its own", length is not None and len(body) == length + ROWS.nbytes)
    check(
        "tritonclient: an unknown model is 404",
        refused(lambda: client.infer("rose", triton_input(ROWS, True)), "404", "there is no model"),
    )
    check(
        "tritonclient: an unknown version is 404",
        refused(lambda: client.infer(MODEL, triton_input(ROWS, True), "9"), "404", "no version"),
    )
    check(
        "tritonclient: a number out of bounds is 400",
        refused(lambda: client.infer(MODEL, triton_input(-ROWS, True)), "400", 'feature "sepal_length"'),
    )
    wide = ROWS.astype(np.float64)
    check(
        "tritonclient: float64 is 400",
        refused(lambda: client.infer(MODEL, triton_input(wide, True, "FP64")), "400", "FP32"),
    )
    unknown = [triton.InferRequestedOutput("label")]
    check(
        "tritonclient: an unknown output is 400",
        refused(lambda: client.infer(MODEL, triton_input(ROWS, True), outputs=unknown), "400", "label"),
    )
    client.close()


async def run_triton_aio():
    async with triton_aio.InferenceServerClient(HOST) as client:
        check("tritonclient.aio: server ready", await client.is_server_ready())
        results = await asyncio.gather(*(client.infer(MODEL, triton_input(ROWS, True)) for _ in range(20)))
        check("tritonclient.aio: 20 at once", all(right(result, ROWS) for result in results))


def kserve_request(rows, binary):
    tensor = InferInput("features", list(rows.shape), "FP32")
    tensor.set_data_from_numpy(rows, binary_data=binary)
    parameters = {"binary_data_output": True} if binary else None
    return InferRequest(MODEL, [tensor], request_id="7", parameters=parameters)


async def run_kserve():
    async with InferenceRESTClient(RESTConfig(protocol="v2")) as client:
        check("kserve: server live", await client.is_server_live(URL) is True)
        check("kserve: server ready", await client.is_server_ready(URL) is True)
        check("kserve: model ready", await client.is_model_ready(URL, MODEL) is True)
        check("kserve: an unknown model is not ready", await client.is_model_ready(URL, "rose") is False)
        for rows in (ROWS, MANY):
            for binary in (True, False):
                answer = await client.infer(URL, kserve_request(rows, binary), model_name=MODEL)
                tensors = {output.name: output for output in answer.outputs}
                classes = tensors["class"].as_numpy()
                proba = tensors["proba"].as_numpy()
                good = (
                    answer.id == "7"
                    and np.array_equal(classes, np.tile([0, 2, 1], len(rows) // 3))
                    and proba.shape == (len(rows), 3)
                )
                check(f"kserve: {len(rows)} rows as {'bytes' if binary else 'JSON'}", good)
        try:
            await client.infer(URL, kserve_request(-ROWS, False), model_name=MODEL)
            check("kserve: a number out of bounds is 400 with its reason", False)
        except Exception as error:
            text = str(error)
            check(
                "kserve: a number out of bounds is 400 with its reason",
                "400" in text and 'feature "sepal_length"' in text,
            )


run_triton()
asyncio.run(run_triton_aio())
asyncio.run(run_kserve())
sys.exit(1 if failures else 0)
