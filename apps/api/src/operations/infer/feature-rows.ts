import type { Contract } from "@sepal/schema/define-contract";
import type { InferenceRequest } from "@sepal/schema/inference";
import type { RequestLimits } from "@sepal/schema/limits";
import { badRequest, quoted, refuseUnsupported } from "./infer-request.ts";

/** Name of the one input of every classifier. */
export const INPUT_NAME = "features";

const TENSOR = `input "${INPUT_NAME}"`;
const DATATYPE = "FP32";
const FLOAT32_BYTES = 4;

type RequestInput = InferenceRequest["inputs"][number];

function mustFit(rows: number, { maxBatchRows }: RequestLimits): void {
  if (rows === 0) throw badRequest(`${TENSOR}: it has no rows`);
  if (rows > maxBatchRows) {
    throw badRequest(`${TENSOR}: it has ${rows} rows; at most ${maxBatchRows} are taken`);
  }
}

/** The one input, with a name, datatype and shape that are right. */
function featuresInput(
  { inputs }: InferenceRequest,
  { features }: Contract,
  limits: RequestLimits,
): RequestInput {
  const unknown = inputs.find(({ name }) => name !== INPUT_NAME);
  if (unknown !== undefined) {
    const fault = `there is no such input, only "${INPUT_NAME}"`;
    throw badRequest(`input ${quoted(unknown.name)}: ${fault}`, fault);
  }
  const [input] = inputs;
  if (input === undefined) throw badRequest(`${TENSOR} is missing`);
  if (inputs.length > 1) throw badRequest(`${TENSOR} is given ${inputs.length} times`);
  refuseUnsupported(TENSOR, input.parameters);
  const { datatype, shape } = input;
  if (datatype !== DATATYPE) {
    const fault = `${TENSOR}: its datatype is ${DATATYPE}`;
    throw badRequest(`${fault}, not ${quoted(datatype)}`, fault);
  }
  const [rows = 0] = shape;
  if (shape.length !== 2 || shape[1] !== features.length) {
    const shown = JSON.stringify(shape.slice(0, 8));
    const fault = `${TENSOR}: its shape is [-1,${features.length}]`;
    throw badRequest(`${fault}, not ${shown}`, fault);
  }
  mustFit(rows, limits);
  return input;
}

/** Rows of little-endian float32 numbers; ONNX Runtime has no big-endian build that Node could load. */
function rowsOfBytes(bytes: Uint8Array, width: number): number[][] {
  // A copy: the bytes may begin where no float32 can.
  const values = new Float32Array(new Uint8Array(bytes).buffer);
  const rows: number[][] = [];
  for (let start = 0; start < values.length; start += width) {
    rows.push(Array.from(values.subarray(start, start + width)));
  }
  return rows;
}

/** Rows of JSON data, flat or nested, whatever the elements are. */
function rowsOfData(data: readonly unknown[], rows: number, width: number): unknown[][] {
  const nested = Array.isArray(data[0]);
  const expected = nested ? rows : rows * width;
  if (data.length !== expected) {
    const what = nested ? "rows" : "elements";
    throw badRequest(`${TENSOR}: its data has ${data.length} ${what}, its shape ${expected}`);
  }
  return Array.from({ length: rows }, (_, index) => {
    if (!nested) return data.slice(index * width, (index + 1) * width);
    const row: unknown = data[index];
    if (Array.isArray(row) && row.length === width) return row;
    throw badRequest(`${TENSOR}, row ${index}: it should be a list of ${width} elements`);
  });
}

/** The rows of a request `[n, features]`; what the elements may be is the contract's business. */
export function readRows(
  request: InferenceRequest,
  tail: Uint8Array,
  contract: Contract,
  limits: RequestLimits,
): unknown[][] {
  const { shape, data, parameters } = featuresInput(request, contract, limits);
  const [rows = 0, width = 0] = shape;
  const size = parameters?.["binary_data_size"];
  if (size === undefined) {
    if (tail.length > 0) throw badRequest(`${tail.length} bytes follow the JSON, for no input`);
    if (!Array.isArray(data)) throw badRequest(`${TENSOR}: its data is missing or not a list`);
    return rowsOfData(data, rows, width);
  }
  if (Array.isArray(data)) throw badRequest(`${TENSOR}: it has both data and binary_data_size`);
  const bytes = rows * width * FLOAT32_BYTES;
  if (size !== bytes) {
    const shown = JSON.stringify(size);
    const fault = `${TENSOR}: its shape takes ${bytes} bytes, its binary_data_size is`;
    throw badRequest(`${fault} ${shown}`, `${fault} another number`);
  }
  if (tail.length !== bytes) {
    throw badRequest(`${TENSOR}: ${tail.length} bytes follow the JSON, its shape takes ${bytes}`);
  }
  return rowsOfBytes(tail, width);
}

/** The rows of a request that is nothing but the bytes of the input. */
export function readRawRows(
  body: Uint8Array,
  { features }: Contract,
  limits: RequestLimits,
): unknown[][] {
  const width = features.length;
  const rowBytes = width * FLOAT32_BYTES;
  if (body.length % rowBytes !== 0) {
    throw badRequest(`${TENSOR}: ${body.length} bytes are no rows of ${rowBytes} bytes`);
  }
  mustFit(body.length / rowBytes, limits);
  return rowsOfBytes(body, width);
}
