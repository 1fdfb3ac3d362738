import { jobRef } from "@sepal/schema/job";
import * as z from "zod";

const name = z.string().min(1).max(128);

/** Schemas of the parameters that paths have. */
const PARAMETERS: Readonly<Record<string, z.ZodType>> = {
  model_name: name,
  model_version: name,
  job_id: jobRef.shape.job_id,
};

/** The documented parameters of a path, such as `/models/:model_name`. */
export function pathParameters(path: string): z.ZodObject {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, key = ""]) => key);
  return z.object(Object.fromEntries(names.map((key) => [key, PARAMETERS[key] ?? z.string()])));
}

/** A documented 200 with a JSON body. */
export function jsonResponse(schema: z.ZodType, example?: unknown) {
  const content = { "application/json": { schema, ...(example !== undefined && { example }) } };
  return { 200: { description: "Successful response", content } };
}

/** A documented 200 with a text. */
export function textResponse(mediaType: string, description: string, example: string) {
  return { 200: { description, content: { [mediaType]: { schema: z.string(), example } } } };
}
