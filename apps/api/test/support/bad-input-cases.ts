/** One entry of `detail` in a 422. */
interface Entry {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
}

/** A JSON text that breaks the schema, and every rule it breaks. */
export type BadInput = readonly [name: string, body: string, detail: readonly Entry[]];

const GOOD = "[5.1,3.5,1.4,0.2]";

function entry(type: string, loc: (string | number)[], msg: string, input: unknown): Entry {
  return { type, loc: ["body", ...loc], msg, input };
}

/** A request whose second feature is the JSON text `value`. */
function feature(
  name: string,
  value: string,
  type: string,
  msg: string,
  input?: unknown,
): BadInput {
  const shown = input ?? JSON.parse(value);
  const detail = [entry(type, ["features", 1], msg, shown)];
  return [`${name}: ${value}`, `{"features":[5.1,${value},1.4,0.2]}`, detail];
}

function features(name: string, value: string, type: string, msg: string): BadInput {
  const detail = [entry(type, ["features"], msg, JSON.parse(value))];
  return [`${name}: ${value}`, `{"features":${value}}`, detail];
}

function field(key: string, value: string, type: string, msg: string): BadInput {
  const detail = [entry(type, [key], msg, JSON.parse(value))];
  return [`${key}: ${value.slice(0, 20)}`, `{"features":${GOOD},"${key}":${value}}`, detail];
}

function batchField(key: string, value: string, type: string, msg: string): BadInput {
  const detail = [entry(type, [key], msg, JSON.parse(value))];
  return [`${key}: ${value}`, `{"rows":[${GOOD}],"${key}":${value}}`, detail];
}

function body(value: string): BadInput {
  const msg = "Input should be a valid object";
  return [`body: ${value}`, value, [entry("model_attributes_type", [], msg, JSON.parse(value))]];
}

const NUMBER = "Input should be a valid number";
const LIST = "Input should be a valid list";
const TEXT = "Input should be a valid string";
const EXTRA = "Extra inputs are not permitted";
const POSITIVE = "Input should be greater than 0";
const FINITE = "Input should be a finite number";
const ROUNDED = "after rounding to float32";

/** Bodies of a single prediction. */
export const BAD_PREDICT: readonly BadInput[] = [
  features(
    "too few",
    "[5.1,3.5,1.4]",
    "too_short",
    "List should have at least 4 items after validation, not 3",
  ),
  features(
    "too many",
    "[5.1,3.5,1.4,0.2,1]",
    "too_long",
    "List should have at most 4 items after validation, not 5",
  ),
  features("none", "[]", "too_short", "List should have at least 4 items after validation, not 0"),
  features("no list", "null", "list_type", LIST),
  features("no list", '"5.1,3.5,1.4,0.2"', "list_type", LIST),
  features("no list", '{"0":5.1,"1":3.5,"2":1.4,"3":0.2}', "list_type", LIST),
  features("no list", "5.1", "list_type", LIST),
  feature("zero", "0", "greater_than", POSITIVE),
  feature("zero", "-0.0", "greater_than", POSITIVE, 0),
  feature("negative", "-1", "greater_than", POSITIVE),
  feature("rounds to zero", "1e-46", "greater_than", `${POSITIVE} ${ROUNDED}`),
  feature("underflows", "1e-400", "greater_than", POSITIVE),
  feature("rounds to infinity", "1e39", "finite_number", `${FINITE} ${ROUNDED}`),
  feature("overflows", "1e400", "finite_number", FINITE, "Infinity"),
  feature("overflows", "-1e400", "finite_number", FINITE, "-Infinity"),
  feature("string", '"3.5"', "float_type", NUMBER),
  feature("string", '""', "float_type", NUMBER, ""),
  feature("boolean", "true", "float_type", NUMBER),
  feature("boolean", "false", "float_type", NUMBER),
  feature("null", "null", "float_type", NUMBER, null),
  feature("nested list", "[3.5]", "float_type", NUMBER),
  feature("nested object", '{"value":3.5}', "float_type", NUMBER),
  ["no features", "{}", [entry("missing", ["features"], "Field required", {})]],
  [
    "misspelt",
    `{"feature":${GOOD}}`,
    [
      entry("missing", ["features"], "Field required", { feature: [5.1, 3.5, 1.4, 0.2] }),
      entry("extra_forbidden", ["feature"], EXTRA, [5.1, 3.5, 1.4, 0.2]),
    ],
  ],
  [
    "each number at its place",
    '{"features":[0,"x",1.4,-1]}',
    [
      entry("greater_than", ["features", 0], POSITIVE, 0),
      entry("float_type", ["features", 1], NUMBER, "x"),
      entry("greater_than", ["features", 3], POSITIVE, -1),
    ],
  ],
  field("threshold", "0.5", "extra_forbidden", EXTRA),
  field("__proto__", '{"polluted":true}', "extra_forbidden", EXTRA),
  field("constructor", '{"prototype":{}}', "extra_forbidden", EXTRA),
  field("model_name", "5", "string_type", TEXT),
  field("model_name", '""', "string_too_short", "String should have at least 1 characters"),
  field(
    "model_name",
    JSON.stringify("m".repeat(129)),
    "string_too_long",
    "String should have at most 128 characters",
  ),
  field("model_version", "1", "string_type", TEXT),
  body(GOOD),
  body("5.1"),
  body('"features"'),
  body("true"),
  body("null"),
];

const tooManyRows = `[${Array.from({ length: 100_001 }, () => GOOD).join(",")}]`;

/** Bodies of a batch, on a server that takes 100,000 rows. */
export const BAD_BATCH: readonly BadInput[] = [
  ["no rows key", "{}", [entry("missing", ["rows"], "Field required", {})]],
  [
    "no rows",
    '{"rows":[]}',
    [entry("too_short", ["rows"], "List should have at least 1 items after validation, not 0", [])],
  ],
  [
    "100,001 rows",
    `{"rows":${tooManyRows}}`,
    [
      entry(
        "too_long",
        ["rows"],
        "List should have at most 100000 items after validation, not 100001",
        tooManyRows.slice(0, 200),
      ),
    ],
  ],
  ["numbers for rows", '{"rows":[5.1]}', [entry("list_type", ["rows", 0], LIST, 5.1)]],
  [
    "one bad row of three",
    `{"rows":[${GOOD},[5.1,3.5,"1.4",0.2],[1,2,3]]}`,
    [
      entry("float_type", ["rows", 1, 2], NUMBER, "1.4"),
      entry(
        "too_short",
        ["rows", 2],
        "List should have at least 4 items after validation, not 3",
        [1, 2, 3],
      ),
    ],
  ],
  batchField("batch_size", "0", "greater_than_equal", "Input should be greater than or equal to 1"),
  batchField(
    "batch_size",
    "100001",
    "less_than_equal",
    "Input should be less than or equal to 100000",
  ),
  batchField("batch_size", "1.5", "int_type", "Input should be a valid integer"),
  batchField("batch_size", '"10"', "int_type", "Input should be a valid integer"),
  batchField("features", GOOD, "extra_forbidden", EXTRA),
];
