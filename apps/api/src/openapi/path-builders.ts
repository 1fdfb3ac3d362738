import * as z from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiResponsesObject } from "zod-openapi";

/** Path parameters of a route that names a model. */
export const modelName = z.object({ model_name: z.string().min(1).max(128) });

interface RouteDoc {
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
}

function operation(
  { id, tag, summary, params }: RouteDoc,
  responses: ZodOpenApiResponsesObject,
): ZodOpenApiOperationObject {
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(params && { requestParams: { path: params } }),
    responses,
  };
}

/** A 200 with a JSON body. */
export function json(schema: z.ZodType, description = "Successful response") {
  return { 200: { description, content: { "application/json": { schema } } } };
}

/** A 200 with a text. */
export function text(mediaType: string, description: string) {
  return { 200: { description, content: { [mediaType]: { schema: z.string() } } } };
}

/** A path that is read. */
export function get(route: RouteDoc, responses: ZodOpenApiResponsesObject) {
  return { get: operation(route, responses) };
}

/** A path that takes a JSON body. */
export function post(route: RouteDoc, body: z.ZodType, answer: z.ZodType) {
  const requestBody = { required: true, content: { "application/json": { schema: body } } };
  return { post: { ...operation(route, json(answer)), requestBody } };
}
