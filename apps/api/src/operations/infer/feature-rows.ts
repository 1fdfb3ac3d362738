import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import type { InferenceRequest } from "@sepal/schema/inference";
import type { RequestLimits } from "@sepal/schema/limits";
import { badRequest, quoted, refuseUnsupported } from "./infer-request.ts";
import { FEATURES, inputType, takesFeatures } from "./tensors.ts";

type RequestInput = InferenceRequest["inputs"][number];

const FLOAT32_BYTES = 4;

/** Little-endian, as ONNX Runtime has no big-endian build that Node could load. */
function float32At(bytes: Uint8Array): Float32Array {
  // A copy: the bytes may begin where no float32 can.
  return new Float32Array(new Uint8Array(bytes).buffer);
}

function tensorName(name: string): string {
  return `input "${name}"`;
}

function mustFit(name: string, rows: number, { maxBatchRows }: RequestLimits): void {
  if (rows === 0) throw badRequest(`${tensorName(name)}: it has no rows`);
  if (rows > maxBatchRows) {
    throw badRequest(`${tensorName(name)}: it has ${rows} rows; at most ${maxBatchRows} are taken`);
  }
}

function mustBe(input: RequestInput, datatype: string, shapes: readonly string[]): void {
  const tensor = tensorName(input.name);
  refuseUnsupported(tensor, input.parameters);
  if (input.datatype !== datatype) {
    const fault = `${tensor}: its datatype is ${datatype}`;
    throw badRequest(`${fault}, not ${quoted(input.datatype)}`, fault);
  }
  const [, ...inner] = input.shape;
  if (input.shape.length > 0 && shapes.includes(JSON.stringify(inner))) return;
  const fault = `${tensor}: its shape is ${JSON.stringify([-1, ...JSON.parse(shapes[0] ?? "[]")])}`;
  throw badRequest(`${fault}, not ${JSON.stringify(input.shape.slice(0, 8))}`, fault);
}

/** Names of inputs that a message lists. */
const SHOWN_NAMES = 20;

/** The inputs of a request by name; their bytes follow the JSON one after the other, in their order. */
class Inputs {
  readonly #tail: Uint8Array;
  readonly #byName = new Map<string, { readonly input: RequestInput; readonly start: number }>();
  /** Bytes that the inputs declare. */
  #declared = 0;
  #binary = 0;

  constructor({ inputs }: InferenceRequest, tail: Uint8Array, known: ReadonlySet<string>) {
    this.#tail = tail;
    for (const input of inputs) {
      const { name, parameters } = input;
      if (!known.has(name)) {
        const names = [...known].slice(0, SHOWN_NAMES).map((each) => `"${each}"`);
        const fault = `there is no such input, only ${names.join(", ")}`;
        throw badRequest(`input ${quoted(name)}: ${fault}`, fault);
      }
      if (this.#byName.has(name)) {
        const times = inputs.filter((other) => other.name === name).length;
        throw badRequest(`${tensorName(name)} is given ${times} times`);
      }
      this.#byName.set(name, { input, start: this.#declared });
      const size = parameters?.["binary_data_size"];
      if (size === undefined) continue;
      this.#binary += 1;
      if (typeof size === "number" && size > 0) this.#declared += size;
    }
  }

  get(name: string): RequestInput | undefined {
    return this.#byName.get(name)?.input;
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /** The bytes of an input whose shape takes that many; `undefined` where its elements are JSON. */
  bytes({ name, parameters, data }: RequestInput, expected?: number): Uint8Array | undefined {
    const tensor = tensorName(name);
    const size = parameters?.["binary_data_size"];
    if (size === undefined) {
      if (this.#binary === 0 && this.#tail.length > 0) {
        throw badRequest(`${this.#tail.length} bytes follow the JSON, for no input`);
      }
      return undefined;
    }
    if (Array.isArray(data)) throw badRequest(`${tensor}: it has both data and binary_data_size`);
    if (typeof size !== "number" || size !== (expected ?? size) || !(size >= 0)) {
      const fault = `${tensor}: its shape takes ${expected ?? "its"} bytes, its binary_data_size is`;
      throw badRequest(`${fault} ${JSON.stringify(size)}`, `${fault} another number`);
    }
    const { length } = this.#tail;
    if (length !== this.#declared) {
      const takes = `${length} bytes follow the JSON`;
      throw badRequest(
        this.#binary === 1
          ? `${tensor}: ${takes}, its shape takes ${this.#declared}`
          : `${takes}, the inputs take ${this.#declared}`,
      );
    }
    const { start = 0 } = this.#byName.get(name) ?? {};
    return this.#tail.subarray(start, start + size);
  }
}

/** JSON data, flat or nested one level, as rows of `width` elements. */
function rowsOfData(input: RequestInput, rows: number, width: number): unknown[][] {
  const tensor = tensorName(input.name);
  const { data } = input;
  if (!Array.isArray(data)) throw badRequest(`${tensor}: its data is missing or not a list`);
  const nested = Array.isArray(data[0]);
  const expected = nested ? rows : rows * width;
  if (data.length !== expected) {
    const what = nested ? "rows" : "elements";
    throw badRequest(`${tensor}: its data has ${data.length} ${what}, its shape ${expected}`);
  }
  return Array.from({ length: rows }, (_, index) => {
    if (!nested) return data.slice(index * width, (index + 1) * width);
    const row: unknown = data[index];
    if (Array.isArray(row) && row.length === width) return row;
    throw badRequest(`${tensor}, row ${index}: it should be a list of ${width} elements`);
  });
}

function rowsOfBytes(bytes: Uint8Array, width: number): number[][] {
  const values = float32At(bytes);
  const rows: number[][] = [];
  for (let start = 0; start < values.length; start += width) {
    rows.push(Array.from(values.subarray(start, start + width)));
  }
  return rows;
}

/** Texts of a BYTES tensor: each is its length in 4 bytes and then UTF-8. */
function textsOfBytes(name: string, bytes: Uint8Array, rows: number): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const texts: string[] = [];
  let position = 0;
  const fault = (what: string) => badRequest(`${tensorName(name)}, row ${texts.length}: ${what}`);
  while (texts.length < rows) {
    if (position + 4 > bytes.length) throw fault("its bytes end before its length");
    const end = position + 4 + view.getUint32(position, true);
    if (end > bytes.length) throw fault("its bytes end before its text");
    try {
      texts.push(decoder.decode(bytes.subarray(position + 4, end)));
    } catch {
      throw fault("its text is not UTF-8");
    }
    position = end;
  }
  if (position !== bytes.length)
    throw badRequest(`${tensorName(name)}: it has more than ${rows} rows`);
  return texts;
}

/** Bytes of an element; of a text its length says how many. */
const ELEMENT_BYTES = { FP32: FLOAT32_BYTES, INT64: 8, BOOL: 1, BYTES: undefined } as const;

function elementsOfBytes(feature: FeatureSpec, bytes: Uint8Array, rows: number): unknown[] {
  switch (inputType(feature)) {
    case "BYTES":
      return textsOfBytes(feature.name, bytes, rows);
    case "INT64":
      return Array.from(new BigInt64Array(new Uint8Array(bytes).buffer), Number);
    case "BOOL":
      return Array.from(bytes, (byte) => byte !== 0);
    default:
      return Array.from(float32At(bytes));
  }
}

/** An element as the contract's schema takes it: a missing one is `null`. */
function elementReader(feature: FeatureSpec): (element: unknown) => unknown {
  if (feature.nullable !== true) return (element) => element;
  if (feature.type === "category") return (element) => (element === "" ? null : element);
  if (feature.type !== "boolean") return (element) => (Number.isNaN(element) ? null : element);
  return (element) => {
    if (element === 0) return false;
    return element === 1 || (Number.isNaN(element) ? null : element);
  };
}

/** Rows of a request with an input for each feature, as lists in the contract's order. */
function rowsOfColumns(inputs: Inputs, { features }: Contract, limits: RequestLimits): unknown[][] {
  const [first] = inputs.names;
  const rows = (first === undefined ? undefined : inputs.get(first))?.shape[0] ?? 0;
  const columns = features.map((feature) => {
    const { name } = feature;
    const input = inputs.get(name);
    if (input === undefined) {
      if (feature.nullable === true) return undefined;
      throw badRequest(`${tensorName(name)} is missing`);
    }
    mustBe(input, inputType(feature), ["[]", "[1]"]);
    mustFit(name, input.shape[0] ?? 0, limits);
    if (input.shape[0] !== rows) {
      throw badRequest(`${tensorName(name)}: it has ${input.shape[0]} rows, "${first}" ${rows}`);
    }
    const elementBytes = ELEMENT_BYTES[inputType(feature)];
    const bytes = inputs.bytes(input, elementBytes && rows * elementBytes);
    const elements =
      bytes === undefined
        ? rowsOfData(input, rows, 1).flat()
        : elementsOfBytes(feature, bytes, rows);
    return elements.map(elementReader(feature));
  });
  return Array.from({ length: rows }, (_, row) => columns.map((column) => column?.[row] ?? null));
}

function rowsOfFeatures(
  inputs: Inputs,
  { features: { length: width } }: Contract,
  limits: RequestLimits,
): unknown[][] {
  const input = inputs.get(FEATURES);
  if (input === undefined) throw badRequest(`${tensorName(FEATURES)} is missing`);
  mustBe(input, "FP32", [`[${width}]`]);
  const [rows = 0] = input.shape;
  mustFit(FEATURES, rows, limits);
  const bytes = inputs.bytes(input, rows * width * FLOAT32_BYTES);
  if (bytes === undefined) return rowsOfData(input, rows, width);
  return rowsOfBytes(bytes, width);
}

/** The rows of a request `[n, features]`; what the elements may be is the contract's business. */
export function readRows(
  request: InferenceRequest,
  tail: Uint8Array,
  contract: Contract,
  limits: RequestLimits,
): unknown[][] {
  const takes = takesFeatures(contract);
  const known = new Set(takes === "must" ? [] : contract.features.map(({ name }) => name));
  if (takes !== "not") known.add(FEATURES);
  const inputs = new Inputs(request, tail, known);
  const whole = takes === "must" || (takes === "may" && inputs.get(FEATURES) !== undefined);
  if (!whole) return rowsOfColumns(inputs, contract, limits);
  const other = inputs.names.find((name) => name !== FEATURES);
  if (other !== undefined) throw badRequest(`${tensorName(other)} is part of "${FEATURES}"`);
  return rowsOfFeatures(inputs, contract, limits);
}

/** The rows of a request that is nothing but the bytes of the input. */
export function readRawRows(
  body: Uint8Array,
  contract: Contract,
  limits: RequestLimits,
): unknown[][] {
  if (takesFeatures(contract) !== "must") {
    throw badRequest("this model has an input for each feature: send them with their JSON");
  }
  const width = contract.features.length;
  const rowBytes = width * FLOAT32_BYTES;
  if (body.length % rowBytes !== 0) {
    throw badRequest(
      `${tensorName(FEATURES)}: ${body.length} bytes are no rows of ${rowBytes} bytes`,
    );
  }
  mustFit(FEATURES, body.length / rowBytes, limits);
  return rowsOfBytes(body, width);
}
