// Field numbers of onnx.proto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.

/** Fields of ModelProto. */
export const MODEL = { graph: 7, opsetImport: 8 } as const;

/** Fields of OperatorSetIdProto. */
export const OPSET = { domain: 1, version: 2 } as const;

/** Fields of GraphProto. */
export const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13 } as const;

/** Fields of NodeProto. */
export const NODE = { input: 1, output: 2, opType: 4, attribute: 5 } as const;

/** Fields of AttributeProto. */
export const ATTRIBUTE = {
  name: 1,
  integer: 3,
  graph: 6,
  integers: 8,
  strings: 9,
  graphs: 11,
  type: 20,
} as const;

/** Value of AttributeProto's `type` for one whole number. */
export const INTEGER_ATTRIBUTE = 2;

/** Name of a ValueInfoProto, and its type. */
export const VALUE_INFO = { name: 1, type: 2 } as const;

/** Name of a TensorProto. */
export const TENSOR = { name: 8 } as const;

/** Element types of TensorProto. */
export const ELEMENT = { float: 1, int64: 7 } as const;
