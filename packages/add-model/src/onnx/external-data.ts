import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { ATTRIBUTE, ENTRY, GRAPH, MODEL, NODE, TENSOR } from "@sepal/evaluator/onnx/onnx-fields";
import {
  bytesField,
  contents,
  messageField,
  readMessage,
  texts,
  writeMessage,
  type WireMessage,
} from "@sepal/evaluator/onnx/wire-message";
import { Refusal } from "../refusal.ts";

type Change = (tensor: WireMessage) => WireMessage;

function changeParts(
  fields: WireMessage,
  parts: Readonly<Record<number, (part: WireMessage) => WireMessage>>,
): WireMessage {
  return fields.map((field) => {
    const change = parts[field.no];
    return change === undefined ? field : messageField(field.no, change(readMessage(field.data)));
  });
}

function changeTensors(graph: WireMessage, change: Change): WireMessage {
  const inner = (part: WireMessage) => changeTensors(part, change);
  const attribute = (fields: WireMessage) =>
    changeParts(fields, {
      [ATTRIBUTE.tensor]: change,
      [ATTRIBUTE.tensors]: change,
      [ATTRIBUTE.graph]: inner,
      [ATTRIBUTE.graphs]: inner,
    });
  const node = (fields: WireMessage) => changeParts(fields, { [NODE.attribute]: attribute });
  return changeParts(graph, { [GRAPH.initializer]: change, [GRAPH.node]: node });
}

/** Where the data of a tensor are, as its entries say. */
function placeOf(tensor: WireMessage) {
  const entries = contents(tensor, TENSOR.externalData).map(readMessage);
  const values = new Map(
    entries.map((entry) => [texts(entry, ENTRY.key)[0], texts(entry, ENTRY.value)[0]] as const),
  );
  const length = values.get("length");
  return {
    location: values.get("location"),
    offset: Number(values.get("offset") ?? 0),
    length: length === undefined ? undefined : Number(length),
  };
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/**
 * The same file with the data that it keeps outside within it, from the files that are given.
 *
 * What the model names is only compared with the names of the given files: nothing is opened because the model says so.
 */
export async function foldExternalData(
  bytes: Uint8Array,
  model: string,
  files: readonly string[],
): Promise<Uint8Array> {
  if (files.length === 0) return bytes;
  const data = new Map<string, Buffer>();
  for (const file of files) {
    try {
      data.set(basename(file), await readFile(file));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Refusal(`--external ${file}: cannot be read: ${reason}`, { cause: error });
    }
  }
  const [only] = data.size === 1 ? data.values() : [];
  const fold: Change = (tensor) => {
    const { location, offset, length } = placeOf(tensor);
    if (location === undefined) return tensor;
    const file = only ?? data.get(basename(location));
    const name = texts(tensor, TENSOR.name)[0] ?? "";
    const where = `${model}: tensor ${JSON.stringify(name)} keeps its data in ${JSON.stringify(location)}`;
    if (file === undefined) throw new Refusal(`${where}: give that file too, with --external`);
    const size = length ?? file.length - offset;
    if (!isWhole(offset) || !isWhole(size) || offset + size > file.length) {
      throw new Refusal(
        `${where}, bytes ${offset} to ${offset + size}, but the file given with --external has ${file.length}`,
      );
    }
    const outside = new Set<number>([TENSOR.externalData, TENSOR.dataLocation, TENSOR.rawData]);
    return [
      ...tensor.filter(({ no }) => !outside.has(no)),
      bytesField(TENSOR.rawData, file.subarray(offset, offset + size)),
    ];
  };
  const fields = changeParts(readMessage(bytes), {
    [MODEL.graph]: (graph) => changeTensors(graph, fold),
  });
  return writeMessage(fields);
}
