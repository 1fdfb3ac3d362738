import * as z from "zod";
import {
  withUnit,
  type CategoryFeature,
  type Contract,
  type FeatureList,
  type FeatureObject,
  type FeatureRow,
  type FeatureSpec,
  type TextFeature,
} from "./define-contract.ts";
import { FLOAT32_INFINITY_BOUND, float32Above, MAX_INTEGER } from "./float32.ts";
import {
  DICTIONARY_MESSAGE,
  FLOAT32_MESSAGE,
  UNICODE_MESSAGE,
  WHOLE_NUMBER_MESSAGE,
} from "./validation-detail.ts";

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What a legacy client may send for a number: a string that, trimmed, is a JSON number. */
function readLegacyNumber(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const text = value.trim();
  return JSON_NUMBER.test(text) ? Number(text) : value;
}

/** Longest text that counts as an unknown category, in characters. */
const MAX_CATEGORY_LENGTH = 1000;

type Numeric = Extract<FeatureSpec, { type: "number" | "integer" }>;

const BOUNDS = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"] as const;

/** Documents the contract's own bounds of a number, in place of the doubles that float32 makes of them. */
function documentedBounds({ minimum, exclusive_minimum: exclusiveMinimum, maximum }: Numeric) {
  return ({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }) => {
    for (const bound of BOUNDS) delete jsonSchema[bound];
    if (minimum !== undefined) jsonSchema.minimum = minimum;
    if (exclusiveMinimum !== undefined) jsonSchema.exclusiveMinimum = exclusiveMinimum;
    if (maximum !== undefined) jsonSchema.maximum = maximum;
  };
}

/** A JSON number that satisfies its bounds before and after rounding to float32. */
function numberSchema(feature: Numeric) {
  const { minimum, exclusive_minimum: above, maximum } = feature;
  // The messages are for forms: they name the contract's bounds, in the words of the server.
  let value = z.number().lt(FLOAT32_INFINITY_BOUND, FLOAT32_MESSAGE);
  if (above !== undefined) {
    value = value.gt(float32Above(above), `Input should be greater than ${above}`);
  }
  if (minimum !== undefined) {
    value = value.gte(minimum, `Input should be greater than or equal to ${minimum}`);
  }
  if (minimum === undefined && above === undefined) {
    value = value.gt(-FLOAT32_INFINITY_BOUND, FLOAT32_MESSAGE);
  }
  if (maximum !== undefined) {
    value = value.lte(maximum, `Input should be less than or equal to ${maximum}`);
  }
  return value.meta({ override: documentedBounds(feature) });
}

function integerSchema({ minimum, exclusive_minimum: above, maximum }: Numeric) {
  const least = above === undefined ? -MAX_INTEGER : Math.floor(above) + 1;
  return z
    .int(WHOLE_NUMBER_MESSAGE)
    .gte(Math.max(minimum ?? -MAX_INTEGER, least))
    .lte(Math.min(maximum ?? MAX_INTEGER, MAX_INTEGER));
}

function categorySchema({ values, unknown = "refuse" }: CategoryFeature) {
  return unknown === "refuse" ? z.enum(values) : z.string().max(MAX_CATEGORY_LENGTH);
}

/** Whether a text has more characters than that; an emoji is one though it takes two units of UTF-16. */
function isLonger(text: string, most: number): boolean {
  if (text.length <= most) return false;
  // At most two units a character: beyond that nothing has to be counted.
  return text.length > 2 * most || Array.from(text).length > most;
}

/** A text that is not blank and that UTF-8 can write; documented by its length alone. */
export function textSchema({ max_length: most }: TextFeature) {
  return z
    .string()
    .check((payload) => {
      const { value: input, issues } = payload;
      if (input.trim() === "") {
        issues.push({ code: "too_small", origin: "string", minimum: 1, inclusive: true, input });
      } else if (isLonger(input, most)) {
        issues.push({ code: "too_big", origin: "string", maximum: most, inclusive: true, input });
      } else if (!input.isWellFormed()) {
        issues.push({ code: "custom", message: UNICODE_MESSAGE, input });
      }
    })
    .meta({
      override: ({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }) => {
        jsonSchema.minLength = 1;
        jsonSchema.maxLength = most;
      },
    });
}

function valueSchema(feature: FeatureSpec, lenient: boolean): z.ZodType {
  switch (feature.type) {
    case "number":
    case "integer": {
      const value = feature.type === "number" ? numberSchema(feature) : integerSchema(feature);
      return lenient ? z.preprocess(readLegacyNumber, value) : value;
    }
    case "boolean":
      return z.boolean();
    case "text":
      return textSchema(feature);
    default:
      return categorySchema(feature);
  }
}

/** Whether every feature is checked by the same rule, so that a plain array of them is one list schema. */
function isUniform([first, ...others]: readonly FeatureSpec[]): boolean {
  const rule = (feature: FeatureSpec | undefined) => {
    if (feature?.type !== "number") return undefined;
    const { minimum, exclusive_minimum, maximum, nullable = false } = feature;
    return JSON.stringify([minimum, exclusive_minimum, maximum, nullable]);
  };
  const expected = rule(first);
  return expected !== undefined && others.every((feature) => rule(feature) === expected);
}

function boundWords({ minimum, exclusive_minimum: above, maximum }: Numeric): string {
  const most = maximum === undefined ? "" : ` and at most ${maximum}`;
  if (above === 0) return `finite, positive number${most}`;
  if (above !== undefined) return `finite number greater than ${above}${most}`;
  if (minimum !== undefined) return `finite number of ${minimum} or more${most}`;
  return maximum === undefined ? "finite number" : `finite number of at most ${maximum}`;
}

function valueWords(feature: FeatureSpec): string {
  const missing = feature.nullable === true ? ", or null" : "";
  switch (feature.type) {
    case "number":
      return `${boundWords(feature)}${missing}`;
    case "integer":
      return `whole ${boundWords(feature).replace(/^finite,? /, "")}${missing}`;
    case "boolean":
      return `true or false${missing}`;
    case "text":
      return `a text of at most ${feature.max_length} characters, not blank`;
    default:
      return `${feature.unknown === undefined || feature.unknown === "refuse" ? "one of" : "a text such as"} its values${missing}`;
  }
}

function named({ features }: Contract): string {
  return features.map((feature) => withUnit(feature.name, feature)).join(", ");
}

interface RowOptions {
  /** Legacy clients: numbers may be strings. */
  readonly lenient?: boolean;
}

/** A row as a list of fixed length, which every OpenAPI generator reads where all features follow one rule. */
export function featureList<C extends Contract>(
  contract: C,
  { lenient = false }: RowOptions = {},
): z.ZodType<FeatureList<C["features"]>, FeatureList<C["features"]>> {
  const { features, examples } = contract;
  const [first] = features;
  const elements = features.map((feature) => {
    const value = valueSchema(feature, lenient);
    return feature.nullable === true ? value.nullable() : value;
  });
  const uniform = isUniform(features);
  const [element = z.never(), ...others] = elements;
  const list = uniform ? z.array(element).length(features.length) : z.tuple([element, ...others]);
  const words =
    first !== undefined && uniform
      ? `; each a ${valueWords(first)}, also after rounding to float32`
      : "";
  const schema = list.meta({
    description: `${named(contract)}, in this order${words}.`,
    examples: [examples[0].features],
    ...(!uniform && {
      override: { type: "array", items: {}, minItems: features.length, maxItems: features.length },
    }),
  });
  // The fixed length makes the array the tuple that TypeScript cannot derive from it.
  return schema as unknown as z.ZodType<FeatureList<C["features"]>, FeatureList<C["features"]>>;
}

function propertySchema(feature: FeatureSpec, lenient: boolean): z.ZodType {
  const value = valueSchema(feature, lenient);
  const about = feature.description === undefined ? "" : ` ${feature.description}`;
  const description = `${withUnit(feature.label, feature)}: ${valueWords(feature)}.${about}`;
  if (feature.nullable !== true) return value.meta({ description });
  if (feature.type !== "category" || !(value instanceof z.ZodEnum))
    return value.nullish().meta({ description });
  // One list of values: generators choke on a union with null.
  return value.nullish().meta({
    description,
    override: ({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }) => {
      delete jsonSchema.anyOf;
      jsonSchema.type = ["string", "null"];
      jsonSchema.enum = [...feature.values, null];
    },
  });
}

/** A row as an object by feature name; unknown keys are errors, unless it is lenient. */
export function featureObject<C extends Contract>(
  contract: C,
  { lenient = false }: RowOptions = {},
): z.ZodType<FeatureObject<C["features"]>, FeatureObject<C["features"]>> {
  const shape = Object.fromEntries(
    contract.features.map((feature) => [feature.name, propertySchema(feature, lenient)]),
  );
  const object = lenient
    ? z.object(shape, DICTIONARY_MESSAGE)
    : z.strictObject(shape, DICTIONARY_MESSAGE);
  const schema = object.meta({
    description: `One row by feature name; or a list of the values of ${named(contract)}, in this order.`,
  });
  // Its shape is made from the contract, as the type is.
  return schema as unknown as z.ZodType<FeatureObject<C["features"]>, FeatureObject<C["features"]>>;
}

/** Whether a row, or what should be one, has the form of a list. */
function isList(row: unknown): boolean {
  return Array.isArray(row);
}

/**
 * A schema of requests whose rows are lists or objects, documented as objects: `first` finds the row whose form counts.
 *
 * Two schemas instead of a union, which would lose the places of errors.
 */
export function byRowForm<S extends z.ZodType>(
  { lists, objects }: { readonly lists: S; readonly objects: S },
  first: (value: Readonly<Record<string, unknown>>) => unknown,
): S {
  const asLists = z.compile(lists);
  const run = objects._zod.run.bind(objects._zod);
  objects._zod.run = (payload, context) => {
    const { value } = payload;
    const list = typeof value === "object" && value !== null && isList(first(Object(value)));
    // A context of its own: Zod marks one in which a compiled schema has failed.
    return list
      ? asLists._zod.run(payload, { async: context.async ?? false })
      : run(payload, context);
  };
  return objects;
}

/** The schemas of a contract's rows by form; `objects` is absent where it takes lists alone. */
export function rowSchemas<C extends Contract>(
  contract: C,
  options: RowOptions = {},
): {
  readonly list: ReturnType<typeof featureList<C>>;
  readonly object?: ReturnType<typeof featureObject<C>>;
} {
  const list = featureList(contract, options);
  return contract.rows === "list" ? { list } : { list, object: featureObject(contract, options) };
}

/** Schema of a row as requests take it: a list, or an object where the contract takes them. */
export function featureRow<C extends Contract>(
  contract: C,
): z.ZodType<FeatureRow<C>, FeatureRow<C>> {
  const { list, object } = rowSchemas(contract);
  const schema =
    object === undefined
      ? list
      : byRowForm<z.ZodType>({ lists: list, objects: object }, (row) => row);
  // As above.
  return schema as unknown as z.ZodType<FeatureRow<C>, FeatureRow<C>>;
}
