import type { Attributes } from "@opentelemetry/api";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Most characters of a path. */
const MAX_PATH = 256;

/** Such as `POST /predict/:model_name`; the method alone where there is no such route. */
export function nameSpan({ method, routeOptions }: FastifyRequest): string {
  const { url } = routeOptions;
  return url === undefined ? method : `${method} ${url}`;
}

/** What a span says of its request, by OpenTelemetry's conventions for HTTP; never a query, a body or a key. */
export function requestAttributes(request: FastifyRequest, reply: FastifyReply): Attributes {
  const { url: route } = request.routeOptions;
  const status = reply.statusCode;
  const { served } = request.call ?? {};
  const attributes: Attributes = {
    "http.request.method": request.method,
    "url.scheme": request.protocol,
    "url.path": request.url.replace(/\?.*$/s, "").slice(0, MAX_PATH),
    "http.response.status_code": status,
    "sepal.request_id": request.id,
  };
  if (route !== undefined) attributes["http.route"] = route;
  if (status >= 500) attributes["error.type"] = String(status);
  if (served !== undefined) {
    attributes["sepal.model"] = served.model;
    attributes["sepal.model_version"] = served.version;
    attributes["sepal.rows"] = served.rows;
  }
  return attributes;
}
