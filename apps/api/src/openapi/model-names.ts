import { defaultContract } from "@sepal/schema/contracts/index";
import type { OpenAPIObject } from "trpc-to-openapi";
import type { BytesEndpoint } from "../endpoints/endpoint.ts";

/** Names of the models that there are, by contract. */
export type DocumentedModels = Readonly<Partial<Record<string, readonly string[]>>>;

type Operation = NonNullable<NonNullable<NonNullable<OpenAPIObject["paths"]>[string]>["get"]>;

const KEY = "model_name";

/** A schema of a model's name as the list of those there are; `null` is one where it was. */
function enumerated(schema: object, names: readonly string[]): object {
  const { description, anyOf, type } = Object(schema);
  const optional = anyOf !== undefined || Array.isArray(type);
  return {
    ...(description !== undefined && { description }),
    ...(optional
      ? { type: ["string", "null"], enum: [...names, null] }
      : { type: "string", enum: names }),
  };
}

/** Lists the models that an operation takes by name, in its parameters and its body; without any it takes every name. */
export function listModels(
  operation: Operation,
  { contract }: NonNullable<BytesEndpoint["models"]>,
  models: DocumentedModels,
): void {
  const ofContract = contract === undefined ? Object.values(models) : [models[contract]];
  const names = ofContract.flatMap((each) => each ?? []).toSorted();
  if (names.length === 0) return;
  for (const parameter of operation.parameters ?? []) {
    const { name, schema } = Object(parameter);
    if (name !== KEY) continue;
    const { description } = Object(enumerated(schema, names));
    // A path and a query have no `null`.
    const named = {
      ...(description !== undefined && { description }),
      type: "string",
      enum: names,
    };
    // The examples of bodies are those of the default contract.
    const example = models[contract ?? defaultContract.name]?.[0] ?? names[0];
    Object.assign(parameter, { schema: named, example });
  }
  const media = Object(operation.requestBody).content?.["application/json"];
  const { properties } = Object(media?.schema);
  if (properties?.[KEY] === undefined) return;
  const named = { ...properties, [KEY]: enumerated(properties[KEY], names) };
  media.schema = { ...media.schema, properties: named };
}
