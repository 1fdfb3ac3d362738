/** A JSON Schema of the API's document, as far as this page shows it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly additionalProperties?: boolean | Schema;
}

interface Content {
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value?: unknown }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly example?: unknown;
  readonly schema?: Schema;
}

/** One operation of the document. */
export interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, Content>> };
  readonly responses?: Readonly<
    Record<
      string,
      { readonly description?: string; readonly content?: Readonly<Record<string, Content>> }
    >
  >;
}

/** The API's OpenAPI document, as far as this page shows it. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** A schema that a reference points to, else the schema itself. */
export function resolved(document: OpenApiDocument, schema: Schema): Schema {
  const name = /^#\/components\/schemas\/(.+)$/.exec(schema.$ref ?? "")?.[1];
  const schemas = document.components?.schemas ?? {};
  return name !== undefined && Object.hasOwn(schemas, name) ? (schemas[name] ?? schema) : schema;
}

/** Values of a choice that a sentence names. */
const MOST_VALUES = 6;

function bounds({ minimum, maximum, exclusiveMinimum, minItems, maxItems }: Schema): string {
  const parts = [
    exclusiveMinimum !== undefined && `> ${exclusiveMinimum}`,
    minimum !== undefined && `≥ ${minimum}`,
    maximum !== undefined && `≤ ${maximum}`,
    minItems !== undefined && minItems === maxItems && `${minItems} items`,
    minItems !== undefined && minItems !== maxItems && `at least ${minItems} items`,
    maxItems !== undefined && minItems !== maxItems && `at most ${maxItems} items`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? "" : `, ${parts.join(", ")}`;
}

/** What a schema takes, in a few words: `array of number, 4 items`. */
export function typeText(document: OpenApiDocument, given: Schema): string {
  const schema = resolved(document, given);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) {
    return [...new Set(choices.map((choice) => typeText(document, choice)))].join(" or ");
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) {
    const named = schema.enum.slice(0, MOST_VALUES).map((value) => JSON.stringify(value));
    const more = schema.enum.length - named.length;
    return `${named.join(" | ")}${more > 0 ? ` and ${more} more` : ""}`;
  }
  const type = [schema.type ?? "any"].flat().join(" or ");
  const items = schema.items === undefined ? "" : ` of ${typeText(document, schema.items)}`;
  return `${type}${items}${bounds(schema)}`;
}

/** The example of a content, or the first of several. */
export function exampleOf({ example, examples }: Content): unknown {
  return example ?? Object.values(examples ?? {})[0]?.value;
}

/** The text of a path with its parameters filled in. */
export function filledPath(path: string, values: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
}
