/** A row of iris. */
export const ROW = [5.1, 3.5, 1.4, 0.2];

/** The input that a request of this row has. */
export const INPUT = { name: "features", shape: [1, 4], datatype: "FP32", data: ROW };

/** `MAX_BATCH_ROWS` of the server that the requests are for. */
export const MAX_ROWS = 1200;

/** A request that is right but for what is given. */
export const only = (input: object) => ({ inputs: [{ ...INPUT, ...input }] });

const replaced = (index: number, value: unknown) =>
  only({ data: ROW.map((old, i) => (i === index ? value : old)) });

/** Requests of the Open Inference Protocol that are answered with 400, and what is said of each. */
export const BAD_REQUESTS: readonly (readonly [
  what: string,
  body: string | object,
  error: string | RegExp,
])[] = [
  ["no body", "", "the body is empty"],
  ["no JSON", "{", /^the body is not JSON: /],
  ["a list", "[]", "body: Input should be a valid object"],
  ["no inputs", {}, "body.inputs: Field required"],
  ["an empty list of inputs", { inputs: [] }, 'input "features" is missing'],
  ["an input that is none", { inputs: [1] }, "body.inputs.0: Input should be a valid object"],
  ["two inputs", { inputs: [INPUT, INPUT] }, 'input "features" is given 2 times'],
  ["an unknown input", only({ name: "x" }), 'input "x": there is no such input, only "features"'],
  ["no name", only({ name: undefined }), "body.inputs.0.name: Field required"],
  ["an id that is a number", { ...only({}), id: 1 }, "body.id: Input should be a valid string"],
  ["float64", only({ datatype: "FP64" }), 'input "features": its datatype is FP32, not "FP64"'],
  ["integers", only({ datatype: "INT64" }), 'input "features": its datatype is FP32, not "INT64"'],
  ["text", only({ datatype: "BYTES" }), 'input "features": its datatype is FP32, not "BYTES"'],
  ["no batch dimension", only({ shape: [4] }), 'input "features": its shape is [-1,4], not [4]'],
  ["other columns", only({ shape: [1, 3] }), 'input "features": its shape is [-1,4], not [1,3]'],
  [
    "a negative dimension",
    only({ shape: [-1, 4] }),
    "body.inputs.0.shape.0: Input should be greater than or equal to 0",
  ],
  ["no rows", only({ shape: [0, 4], data: [] }), 'input "features": it has no rows'],
  [
    "too many rows",
    only({ shape: [1201, 4], data: [] }),
    'input "features": it has 1201 rows; at most 1200 are taken',
  ],
  [
    "fewer elements than the shape",
    only({ data: [1, 2, 3] }),
    'input "features": its data has 3 elements, its shape 4',
  ],
  [
    "fewer rows than the shape",
    only({ shape: [2, 4], data: [ROW] }),
    'input "features": its data has 1 rows, its shape 2',
  ],
  [
    "a ragged row",
    only({ shape: [2, 4], data: [ROW, [1, 2, 3]] }),
    'input "features", row 1: it should be a list of 4 elements',
  ],
  ["no data", only({ data: undefined }), 'input "features": its data is missing or not a list'],
  [
    "a negative number",
    only({ shape: [2, 4], data: [...ROW, 1, 2, -3, 4] }),
    'input "features", row 1, feature "petal_length": Input should be greater than 0',
  ],
  [
    "zero once rounded",
    replaced(3, 1e-46),
    'input "features", row 0, feature "petal_width": Input should be greater than 0 after rounding to float32',
  ],
  [
    "infinite once rounded",
    replaced(0, 1e39),
    'input "features", row 0, feature "sepal_length": Input should be a finite number after rounding to float32',
  ],
  [
    "a string",
    replaced(1, "3.5"),
    'input "features", row 0, feature "sepal_width": Input should be a valid number',
  ],
  [
    "null, twice",
    only({ data: [null, 1, true, 1] }),
    'input "features", row 0, feature "sepal_length": Input should be a valid number (and 1 more)',
  ],
  [
    "data nested too deeply",
    only({ data: [[[5.1], 3.5, 1.4, 0.2]] }),
    'input "features", row 0, feature "sepal_length": Input should be a valid number',
  ],
  [
    "an unknown output",
    { ...only({}), outputs: [{ name: "label" }] },
    'output "label": there is no such output; there are class, proba',
  ],
  [
    "an output twice",
    { ...only({}), outputs: [{ name: "class" }, { name: "class" }] },
    'output "class" is requested twice',
  ],
  [
    "Triton's classification",
    { ...only({}), outputs: [{ name: "proba", parameters: { classification: 2 } }] },
    'output "proba": parameter "classification" is not supported',
  ],
  [
    "shared memory",
    only({ parameters: { shared_memory_region: "r" } }),
    'input "features": parameter "shared_memory_region" is not supported',
  ],
  ["a parameter that is a list", { ...only({}), parameters: { a: [] } }, /^body\.parameters\.a: /],
];
