import { DEFAULT_LIMITS } from "@sepal/schema/limits";
import type { Endpoints } from "../../src/endpoints/endpoint.ts";
import { createEndpoints } from "../../src/endpoints/endpoints.ts";
import { loginEndpoint } from "../../src/endpoints/login-endpoint.ts";
import { oipEndpoints } from "../../src/endpoints/oip-endpoints.ts";
import {
  indexEndpoint,
  meEndpoint,
  metricsEndpoint,
} from "../../src/endpoints/server-endpoints.ts";
import { docsEndpoints } from "../../src/openapi/docs-endpoints.ts";

/** The endpoints of a server with users, admins and documentation, to read and not to serve. */
export function allEndpoints(): Endpoints {
  const options = { limits: DEFAULT_LIMITS, maxFileBytes: Infinity, workers: undefined };
  return {
    index: indexEndpoint([], true),
    metrics: metricsEndpoint(() => Promise.resolve("")),
    me: meEndpoint(),
    ...createEndpoints(options),
    ...oipEndpoints({ ...options, admins: true }),
    ...docsEndpoints({ access: {}, endpoints: () => ({}) }),
    login: loginEndpoint(() => ""),
  };
}
