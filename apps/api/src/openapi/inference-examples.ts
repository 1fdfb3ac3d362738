import { defaultContract } from "@sepal/schema/contracts/index";

const [{ features }] = defaultContract.examples;
const INPUT = { name: "features", shape: [1, features.length], datatype: "FP32" };
const BYTES = 4 * features.length;
const proba = defaultContract.classes.map((_, index) => (index === 0 ? 1 : 0));
const PROBA = { name: "proba", datatype: "FP32", shape: [1, proba.length] };
const SERVED = { model_name: "iris-forest", model_version: "1", id: "42" };

const REQUEST = { id: "42", inputs: [{ ...INPUT, data: features }] };
const ANSWER = {
  ...SERVED,
  outputs: [
    { name: "class", datatype: "INT64", shape: [1], data: [0] },
    { ...PROBA, data: proba },
  ],
};

const binarySize = (size: number) => ({ parameters: { binary_data_size: size } });

const BINARY_REQUEST = `${JSON.stringify({
  id: "42",
  inputs: [{ ...INPUT, ...binarySize(BYTES) }],
  outputs: [{ name: "proba", parameters: { binary_data: true } }],
})}<${BYTES} bytes>`;
const BINARY_ANSWER = `${JSON.stringify({
  ...SERVED,
  outputs: [{ ...PROBA, ...binarySize(4 * proba.length) }],
})}<${4 * proba.length} bytes>`;

/** What a client sends to and gets from `…/infer`, by media type. */
export const INFERENCE_EXAMPLES = {
  request: { "application/json": REQUEST, "application/octet-stream": BINARY_REQUEST },
  answer: { "application/json": ANSWER, "application/octet-stream": BINARY_ANSWER },
} as const;
