import { Float32Texts } from "@sepal/schema/float32-texts";
import type { ServedModel } from "@sepal/model/served-model";
import { SepalError } from "@sepal/schema/sepal-error";
import { ownBytes } from "../../http/transferable-memory.ts";
import type { RequestedOutput } from "./infer-request.ts";

/** An output of a model for `n` rows. */
export interface OutputTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row after row. */
  readonly data: BigInt64Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
}

/** An inference response, ready for the socket. */
export interface InferResponse {
  /** The JSON and then the tensors' bytes, each in memory of its own. */
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  /** Length of the JSON in bytes; absent where nothing follows it. */
  readonly headerLength: number | undefined;
}

interface ResponseOptions {
  readonly id: string | undefined;
  readonly outputs: readonly RequestedOutput[];
}

/** Least length of a part of the JSON: one write of megabytes would hold the event loop. */
const PART_CHARACTERS = 65_536;

/** Elements that become text at once. */
const ELEMENTS = 4096;

const texts = new Float32Texts();

/** Text of each element of a tensor. */
function textsOf(data: OutputTensor["data"]): string[] {
  if (data instanceof BigInt64Array) return Array.from(data, String);
  const bits = new Uint32Array(data.buffer);
  return Array.from(data, (value, index) => texts.textOf(value, bits[index] ?? 0));
}

/** Collects text as bytes in parts. */
class JsonParts {
  readonly parts: Uint8Array<ArrayBuffer>[] = [];
  #pending = "";

  add(text: string): void {
    this.#pending += text;
    if (this.#pending.length >= PART_CHARACTERS) this.flush();
  }

  flush(): void {
    this.parts.push(ownBytes(Buffer.from(this.#pending)));
    this.#pending = "";
  }
}

/** Writes the tensors that were asked for, in the order they were asked for. */
export function writeResponse(
  { name, version }: ServedModel,
  tensors: readonly OutputTensor[],
  { id, outputs }: ResponseOptions,
): InferResponse {
  const json = new JsonParts();
  const binary: Uint8Array<ArrayBuffer>[] = [];
  const head = JSON.stringify({ model_name: name, model_version: version, id });
  json.add(`${head.slice(0, -1)},"outputs":[`);
  outputs.forEach((output, index) => {
    const tensor = tensors.find(({ name: found }) => found === output.name);
    if (tensor === undefined) throw new SepalError("internal", `no output ${output.name}`);
    const { name: tensorName, shape, data } = tensor;
    const datatype = data instanceof BigInt64Array ? "INT64" : "FP32";
    const spec = JSON.stringify({ name: tensorName, datatype, shape }).slice(0, -1);
    json.add(`${index === 0 ? "" : ","}${spec},`);
    if (output.binary) {
      const bytes = new Uint8Array(data.buffer);
      binary.push(bytes);
      json.add(`"parameters":{"binary_data_size":${bytes.length}}}`);
      return;
    }
    const elements = textsOf(data);
    json.add('"data":[');
    for (let start = 0; start < elements.length; start += ELEMENTS) {
      const part = elements.slice(start, start + ELEMENTS).join(",");
      json.add(start === 0 ? part : `,${part}`);
    }
    json.add("]}");
  });
  json.add("]}");
  json.flush();
  const headerLength = json.parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const parts = [...json.parts, ...binary];
  return { parts, headerLength: binary.length === 0 ? undefined : headerLength };
}
