import * as z from "zod";
import {
  classLabels,
  contractData,
  type Classification,
  MAX_TEXT_LENGTH,
  type Contract,
  type Embedding,
  type FeatureInput,
  type Regression,
} from "./define-contract.ts";
import { rowSchemas } from "./feature-schema.ts";
import { MAX_INTEGER } from "./float32.ts";
import { validationDetail } from "./validation-detail.ts";

/** Most features of a contract. */
const MAX_FEATURES = 1000;

/** Most values of all categories, classes and aliases together. */
const MAX_VALUES = 10_000;

/** Most numbers of an embedding. */
const MAX_DIMENSIONS = 1024;

/** What a name in a URL, a key or a generated type may be; other than what every object has. */
const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, "should be snake_case, of at most 63 characters")
  .refine((name) => name !== "constructor", { error: "is what every object has" });

/** Plain text, shown as such: nothing that moves the cursor or turns the direction. */
function text(most: number) {
  return z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Bidi_C}\p{Zl}\p{Zp}\p{Cs}]*$/u, "should be free of control characters");
}

const shared = {
  name: identifier,
  label: text(200),
  description: text(2000).optional(),
};

const feature = {
  ...shared,
  nullable: z.boolean().optional(),
  aliases: z.array(text(200)).optional(),
  group: text(200).optional(),
};

const unit = z.union([z.literal(""), text(50)]).optional();

const bounds = {
  unit,
  minimum: z.number().optional(),
  exclusive_minimum: z.number().optional(),
  maximum: z.number().optional(),
};

const featureSpec = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("number"), ...feature, ...bounds }),
  z.strictObject({ type: z.literal("integer"), ...feature, ...bounds }),
  z.strictObject({ type: z.literal("boolean"), ...feature }),
  z.strictObject({
    type: z.literal("category"),
    ...feature,
    values: z.array(text(200)).min(1),
    labels: z.array(text(200)).optional(),
    unknown: text(200)
      .optional()
      .meta({ description: "`refuse` (default), `missing`, or the value that it counts as." }),
  }),
  z.strictObject({
    type: z.literal("text"),
    ...shared,
    aliases: feature.aliases,
    max_length: z
      .int()
      .min(1)
      .max(MAX_TEXT_LENGTH)
      .meta({ description: "Most characters. A contract with a text has no other feature." }),
  }),
]);

const featureInput = z.union([z.number(), z.boolean(), z.string(), z.null()]);

const base = {
  name: identifier.meta({ description: "URL and procedure name." }),
  title: text(200),
  description: text(2000),
  features: z.array(featureSpec).min(1).max(MAX_FEATURES),
  rows: z.literal("list").optional().meta({ description: "Requests take rows as lists alone." }),
  missing: z
    .array(text(50))
    .max(50)
    .optional()
    .meta({ description: "Spellings of a missing cell in files, besides the empty one." }),
  about: z
    .strictObject({
      source: text(1000).optional(),
      licence: text(200).optional(),
      row_count: z.int().min(0).optional(),
      row: text(200).optional(),
    })
    .optional(),
  examples: z
    .array(
      z.strictObject({
        name: text(200),
        features: z.union([z.array(featureInput), z.record(z.string(), featureInput)]),
      }),
    )
    .min(1)
    .max(50),
};

const shape = z.discriminatedUnion("task", [
  z.strictObject({
    task: z.literal("classification"),
    ...base,
    classes: z.array(text(200)).min(2),
    probabilities: z.boolean().optional(),
  }),
  z.strictObject({
    task: z.literal("regression"),
    ...base,
    targets: z
      .array(z.strictObject({ ...shared, unit }))
      .min(1)
      .max(MAX_FEATURES),
  }),
  z.strictObject({
    task: z.literal("embedding"),
    ...base,
    dimensions: z
      .int()
      .min(1)
      .max(MAX_DIMENSIONS)
      .meta({ description: "Numbers of a vector. The contract has a text." }),
  }),
]);

function repeated(values: readonly string[]): string | undefined {
  return values.length === new Set(values).size
    ? undefined
    : values.find((value, index) => values.indexOf(value) !== index);
}

/** Names of result keys that a target would hide. */
export const RESULT_KEYS: readonly string[] = ["class", "proba", "error"];

/** The first rule between parts of a contract that it breaks. */
function inconsistency(contract: Contract): string | undefined {
  const { features, examples } = contract;
  const classes = classLabels(contract);
  const targets = contract.task === "regression" ? contract.targets.map(({ name }) => name) : [];
  const lists: [string, readonly string[]][] = [
    ["feature", features.map(({ name }) => name)],
    ["class", classes],
    ["target", targets],
  ];
  let values = classes.length;
  for (const spec of features) {
    values += spec.aliases?.length ?? 0;
    if (spec.type !== "category") continue;
    const { name, labels, unknown = "refuse", nullable = false } = spec;
    lists.push([`value of ${name}`, spec.values]);
    values += spec.values.length;
    if (labels !== undefined && labels.length !== spec.values.length) {
      return `feature ${name}: it has ${labels.length} labels for ${spec.values.length} values`;
    }
    if (unknown === "missing" && !nullable) {
      return `feature ${name}: "unknown": "missing" needs "nullable": true`;
    }
    if (!["refuse", "missing", ...spec.values].includes(unknown)) {
      return `feature ${name}: "unknown" is ${JSON.stringify(unknown)}; it should be "refuse", "missing" or one of its values`;
    }
  }
  for (const [what, names] of lists) {
    const twice = repeated(names);
    if (twice !== undefined) return `${what} "${twice}" is declared twice`;
  }
  if (values > MAX_VALUES) {
    return `it has ${values} classes, values and aliases; at most ${MAX_VALUES} are allowed`;
  }
  const hidden = targets.find((name) => RESULT_KEYS.includes(name));
  if (hidden !== undefined) return `target "${hidden}" has the name of another result`;
  return textFault(contract) ?? boundsFault(contract) ?? exampleFault(contract, examples);
}

function textFault({ task, features, rows }: Contract): string | undefined {
  const text = features.find(({ type }) => type === "text");
  if (text === undefined) {
    return task === "embedding" ? 'task "embedding" needs a feature of type "text"' : undefined;
  }
  const other = features.find((feature) => feature !== text);
  if (other !== undefined) {
    return `feature ${text.name} is a text, so it has to be the only one; leave out ${other.name}`;
  }
  return rows === "list"
    ? `feature ${text.name} is a text: rows are lists or objects; leave out "rows"`
    : undefined;
}

function boundsFault({ features }: Contract): string | undefined {
  for (const spec of features) {
    if (spec.type !== "number" && spec.type !== "integer") continue;
    const {
      name,
      minimum = -Infinity,
      exclusive_minimum: above = -Infinity,
      maximum = Infinity,
    } = spec;
    if (minimum > maximum || above >= maximum) {
      return `feature ${name}: its maximum is below its minimum`;
    }
    const beyond =
      spec.type === "integer" &&
      [minimum, above, maximum].find(
        (bound) => Number.isFinite(bound) && Math.abs(bound) > MAX_INTEGER,
      );
    if (typeof beyond === "number") return `feature ${name}: ${beyond} is beyond 2^24`;
  }
  return undefined;
}

function exampleFault(contract: Contract, examples: Contract["examples"]): string | undefined {
  const { list, object } = rowSchemas(contract);
  for (const { name, features } of examples) {
    const row: readonly FeatureInput[] | Readonly<Record<string, FeatureInput>> = features;
    const form = Array.isArray(row) ? list : object;
    if (form === undefined) return `example "${name}" is no list`;
    const parsed = form.safeParse(row);
    if (parsed.success) continue;
    return `example "${name}": ${firstIssue(parsed.error, row)}`;
  }
  return undefined;
}

function firstIssue({ issues }: z.ZodError, value: unknown): string {
  const [entry] = validationDetail(issues.slice(0, 1), value).entries;
  return (
    [...(entry?.loc.slice(1) ?? []).slice(0, 8), ""].join(".").replace(/\.$/, ": ") + entry?.msg
  );
}

/** The first rule that a contract breaks; `undefined` where it is one. */
export function contractProblem(definition: unknown): string | undefined {
  // What belongs to the program alone, such as a function, is no part of the data.
  const data: unknown = JSON.parse(JSON.stringify(definition));
  const parsed = shape.safeParse(data);
  if (!parsed.success) return firstIssue(parsed.error, data);
  return inconsistency(Object(parsed.data));
}

const format = z.literal(1).meta({ description: "The version of this form." });
const [classification, regression, embedding] = shape.options;

/** A contract as its file holds it. */
export type ContractFileData = FileOf<Classification> | FileOf<Regression> | FileOf<Embedding>;

/** JSON has no list that is known to have an item. */
type FileOf<C extends Contract> = Omit<C, "examples"> & {
  readonly format: 1;
  readonly examples: readonly Contract["examples"][number][];
};

/** `contracts/<name>.json`: a contract as data. */
const contractFile: z.ZodType<ContractFileData, ContractFileData> = z.discriminatedUnion("task", [
  classification.extend({ format }),
  regression.extend({ format }),
  embedding.extend({ format }),
]);

/** The JSON Schema of `contracts/<name>.json`, for editors: rules between parts of a contract are not in it. */
export function contractJsonSchema(): object {
  return {
    $id: "contract.schema.json",
    title: "A contract of Sepal",
    description: "What a table is: its features, and what is predicted for a row.",
    ...z.toJSONSchema(contractFile, { io: "input" }),
  };
}

/** The contract of a file's JSON; throws the first rule that it breaks. */
export function contractOfFile(value: unknown): Contract {
  const parsed = contractFile.safeParse(value);
  if (!parsed.success) throw new Error(firstIssue(parsed.error, value));
  const { format: _, ...data } = parsed.data;
  // The schema wants an example.
  const contract = data as Contract;
  const problem = inconsistency(contract);
  if (problem !== undefined) throw new Error(problem);
  return contract;
}

/** A contract as its file holds it. */
export function fileOfContract(contract: Contract): ContractFileData {
  return { format: 1, ...contractData(contract) };
}
