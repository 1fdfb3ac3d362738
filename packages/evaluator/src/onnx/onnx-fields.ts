// Field numbers of onnx.proto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.

/** Fields of ModelProto. */
export const MODEL = {
  irVersion: 1,
  producer: 2,
  domain: 4,
  graph: 7,
  opsetImport: 8,
  trainingInfo: 20,
  functions: 25,
} as const;

/** Fields of OperatorSetIdProto. */
export const OPSET = { domain: 1, version: 2 } as const;

/** Fields of TrainingInfoProto that hold graphs. */
export const TRAINING = { initialization: 1, algorithm: 2 } as const;

/** Fields of FunctionProto. */
export const FUNCTION = { node: 7, attributeDefault: 11 } as const;

/** Fields of GraphProto. */
export const GRAPH = {
  node: 1,
  name: 2,
  initializer: 5,
  input: 11,
  output: 12,
  valueInfo: 13,
  sparseInitializer: 15,
} as const;

/** Fields of NodeProto. */
export const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;

/** Fields of AttributeProto. */
export const ATTRIBUTE = {
  name: 1,
  float: 2,
  integer: 3,
  string: 4,
  tensor: 5,
  graph: 6,
  floats: 7,
  integers: 8,
  strings: 9,
  tensors: 10,
  graphs: 11,
  type: 20,
  sparseTensor: 22,
  sparseTensors: 23,
} as const;

/** Values of AttributeProto's `type`. */
export const ATTRIBUTE_TYPE = {
  float: 1,
  integer: 2,
  string: 3,
  tensor: 4,
  floats: 6,
  integers: 7,
  strings: 8,
} as const;

/** Name of a ValueInfoProto, and its type. */
export const VALUE_INFO = { name: 1, type: 2 } as const;

/** Fields of TensorProto. */
export const TENSOR = {
  dims: 1,
  dataType: 2,
  floatData: 4,
  int32Data: 5,
  stringData: 6,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  externalData: 13,
  dataLocation: 14,
} as const;

/** Fields of SparseTensorProto that hold tensors. */
export const SPARSE = { values: 1, indices: 2 } as const;

/** Fields of StringStringEntryProto. */
export const ENTRY = { key: 1, value: 2 } as const;

/** Element types of TensorProto. */
export const ELEMENT = {
  float: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  double: 11,
} as const;
