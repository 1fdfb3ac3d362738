import type { OpenAPIObject } from "trpc-to-openapi";

type Schemas = Record<string, object>;
type Json = Readonly<Record<string, unknown>>;

const METHODS = ["get", "post", "delete"] as const;
const JSON_TYPE = "application/json";

/**
 * `iris-predictBatch` as `irisPredictBatch`, of `leaf_type` as `leafTypePredictBatch`: one word in every language.
 * Before a digit an underscore stays: `a_1` is not `a1`.
 */
function camelCase(id: string): string {
  return id.replaceAll(/(?:-|_(?=[a-z]))(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function pascalCase(id: string): string {
  return id.charAt(0).toUpperCase() + id.slice(1);
}

/** Keywords that bind a value of any type, so that they must stay with their member of a union. */
const BINDS_ALL = new Set(["enum", "const", "$ref", "anyOf", "properties"]);

/** A union of plain types as a list of types, which every generator reads; other keywords bind one type each. */
function plainUnion({ anyOf, ...rest }: Json): Json | undefined {
  if (!Array.isArray(anyOf)) return undefined;
  const members: readonly Json[] = anyOf;
  const keywords = members.flatMap((member) => Object.keys(member));
  const types = members.map(({ type }) => type);
  const plain = types.every((type) => typeof type === "string");
  if (!plain || keywords.some((keyword) => BINDS_ALL.has(keyword))) return undefined;
  return { ...Object.assign({}, ...members), ...rest, type: types };
}

function withPlainUnions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainUnions);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withPlainUnions(inner)]);
  const schema: Json = Object.fromEntries(entries);
  return plainUnion(schema) ?? schema;
}

/** Moves an object's schema among the named ones; equal schemas share the first one's name. */
function reference(schema: unknown, name: string, schemas: Schemas): unknown {
  const { type, anyOf } = Object(schema);
  if (Array.isArray(anyOf)) {
    return { ...Object(schema), anyOf: anyOf.map((member) => reference(member, name, schemas)) };
  }
  if (type !== "object") return schema;
  const text = JSON.stringify(schema);
  const equal = Object.keys(schemas).find((key) => JSON.stringify(schemas[key]) === text);
  const key = equal ?? name;
  schemas[key] = Object(schema);
  return { $ref: `#/components/schemas/${key}` };
}

function nameBody(holder: unknown, name: string, schemas: Schemas): void {
  const media = Object(holder).content?.[JSON_TYPE];
  if (media === undefined) return;
  const rows = Object(media.schema).properties?.predictions;
  if (rows !== undefined) {
    const row = name.replace(/Predict\w*$/, "Prediction");
    rows.items = reference(rows.items, row, schemas);
  }
  media.schema = reference(media.schema, name, schemas);
}

/** Which operations give a schema its name: the contracts' own, of these `predict` first. */
function rank({ operationId: id = "" }: { operationId?: string }): number {
  if (/^(?:v\d|predict|explain|invocations)/.test(id)) return 2;
  return id.endsWith("Predict") ? 0 : 1;
}

/**
 * Gives operations and bodies the names that generated code is pleasant with: `irisPredict`,
 * `IrisPredictRequest`, `IrisPredictResponse`; unions of plain types become lists of types.
 */
export function withPleasantNames(document: OpenAPIObject): OpenAPIObject {
  const paths = withPlainUnions(document.paths);
  const components = withPlainUnions(document.components);
  const named: OpenAPIObject = Object.assign({}, document, { paths, components });
  const schemas: Schemas = Object.assign({}, Object(components).schemas);
  const operations = Object.values(named.paths ?? {}).flatMap((item) =>
    METHODS.flatMap((method) => item[method] ?? []),
  );
  for (const operation of operations)
    operation.operationId = camelCase(operation.operationId ?? "");
  for (const operation of operations.toSorted((one, other) => rank(one) - rank(other))) {
    const name = pascalCase(operation.operationId ?? "");
    nameBody(operation.requestBody, `${name}Request`, schemas);
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      nameBody(response, `${name}${status === "200" ? "Response" : status}`, schemas);
    }
  }
  const { detail } = Object(schemas["ValidationError"]).properties;
  detail.items = reference(detail.items, "BrokenRule", schemas);
  Object.assign(Object(components), { schemas });
  return named;
}
