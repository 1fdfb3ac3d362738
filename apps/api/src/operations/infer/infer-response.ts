import { Float32Texts } from "@sepal/model/session/decode";
import type { ServedModel } from "@sepal/model/served-model";
import { ownBytes } from "../../http/transferable-memory.ts";
import type { RequestedOutput } from "./infer-request.ts";

/** What a model answered for `n` rows. */
export interface OutputTensors {
  readonly rows: number;
  /** `[n]`. */
  readonly classes: BigInt64Array<ArrayBuffer>;
  /** `[n, classes]`. */
  readonly proba: Float32Array<ArrayBuffer>;
}

/** An inference answer, ready for the socket. */
export interface InferResponse {
  /** The JSON and then the tensors' bytes, each in memory of its own. */
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  /** Length of the JSON in bytes; absent where nothing follows it. */
  readonly headerLength: number | undefined;
}

interface AnswerOptions {
  readonly id: string | undefined;
  readonly outputs: readonly RequestedOutput[];
}

interface OutputTensor {
  readonly datatype: string;
  readonly shape: readonly number[];
  /** Little-endian, row after row. */
  readonly bytes: () => Uint8Array<ArrayBuffer>;
  /** Text of each element. */
  readonly texts: () => string[];
}

/** Least length of a part of the JSON: one write of megabytes would hold the event loop. */
const PART_CHARACTERS = 65_536;

/** Elements that become text at once. */
const ELEMENTS = 4096;

const texts = new Float32Texts();

function tensorOf(name: string, { rows, classes, proba }: OutputTensors): OutputTensor {
  if (name === "class") {
    return {
      datatype: "INT64",
      shape: [rows],
      bytes: () => new Uint8Array(classes.buffer),
      texts: () => Array.from(classes, String),
    };
  }
  return {
    datatype: "FP32",
    shape: [rows, proba.length / rows],
    bytes: () => new Uint8Array(proba.buffer),
    texts: () => {
      const bits = new Uint32Array(proba.buffer);
      return Array.from(proba, (value, index) => texts.textOf(value, bits[index] ?? 0));
    },
  };
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
  tensors: OutputTensors,
  { id, outputs }: AnswerOptions,
): InferResponse {
  const json = new JsonParts();
  const binary: Uint8Array<ArrayBuffer>[] = [];
  const head = JSON.stringify({ model_name: name, model_version: version, id });
  json.add(`${head.slice(0, -1)},"outputs":[`);
  outputs.forEach((output, index) => {
    const tensor = tensorOf(output.name, tensors);
    const { datatype, shape } = tensor;
    const spec = JSON.stringify({ name: output.name, datatype, shape }).slice(0, -1);
    json.add(`${index === 0 ? "" : ","}${spec},`);
    if (output.binary) {
      const bytes = tensor.bytes();
      binary.push(bytes);
      json.add(`"parameters":{"binary_data_size":${bytes.length}}}`);
      return;
    }
    const elements = tensor.texts();
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
