import { allowedHosts } from "@sepal/schema/allowed-hosts";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { logRequests } from "../http/access-log.ts";
import { provideCallContext } from "../http/call-context.ts";
import { allowOrigins, originRule } from "../http/cors.ts";
import { receiveBodies } from "../http/body.ts";
import { BodyBudget } from "../http/body-budget.ts";
import { cutOffStalledReaders, limitConnections, noteCutOffs } from "../http/connections.ts";
import { handleErrors } from "../http/error-handler.ts";
import { openGate } from "../http/gate.ts";
import { openHost } from "../http/open-host.ts";
import { RouteTable } from "../http/route-rules.ts";
import { sharedResult } from "../shared-result.ts";
import { completeReplies } from "../http/server-timing.ts";
import { Admission } from "../auth/admission.ts";
import { tellWhoMayCall } from "../auth/tell-who-may-call.ts";
import { openIdentity } from "../auth/open-identity.ts";
import { measureRequests } from "../http/http-metrics.ts";
import { Quota } from "../rate-limit/quota.ts";
import type { QuotaStore } from "../rate-limit/quota-policy.ts";
import type { Endpoints } from "../endpoints/endpoint.ts";
import { createEndpoints } from "../endpoints/endpoints.ts";
import { loginEndpoint, loginHandler } from "../endpoints/login-endpoint.ts";
import { oipEndpoints } from "../endpoints/oip-endpoints.ts";
import { restRoutes } from "../endpoints/rest-routes.ts";
import { createRouter } from "../endpoints/router.ts";
import { indexEndpoint, metricsEndpoint } from "../endpoints/server-endpoints.ts";
import { docsEndpoints, openDocsFiles } from "../openapi/docs-endpoints.ts";
import type { LargeBatchLane } from "../batch-workers/large-batch-lane.ts";
import type { LogOutput } from "../observability/logs/logger.ts";
import type { Services } from "../context.ts";
import { mountTrpc } from "../protocols/trpc/mount.ts";
import type { Tracing } from "../observability/tracing/tracing.ts";

interface ServerOptions {
  readonly services: Services;
  readonly log: LogOutput;
  readonly register: Registry;
  /** Prometheus text, of all processes where there are several. */
  readonly metrics: () => Promise<string>;
  /** Where large batches go; absent, they stay on the main thread. */
  readonly largeBatches: LargeBatchLane | undefined;
  /** Where the calls of callers are counted. */
  readonly quotaStore: QuotaStore;
  /** Absent where no traces are sent. */
  readonly tracing?: Tracing | undefined;
  /** Endpoints besides the server's own. */
  readonly furtherEndpoints?: Endpoints;
}

/** Builds the HTTP host: hooks first, then every endpoint. */
export async function createServer({
  services: parts,
  log,
  register,
  metrics,
  largeBatches,
  quotaStore,
  tracing,
  furtherEndpoints,
}: ServerOptions): Promise<FastifyInstance> {
  const { settings, lifecycle } = parts;
  const identity = await openIdentity(settings, log.logger);
  const services = { ...parts, identityFaults: identity.faults };
  const app = openHost(settings);
  tracing?.follow(app);
  const routes = new RouteTable(app, settings.MAX_BODY_BYTES);
  provideCallContext(app, services, routes);
  noteCutOffs(app);
  limitConnections(app, settings.MAX_CONNECTIONS, log.logger);
  cutOffStalledReaders(app, settings.REQUEST_TIMEOUT_MS);
  logRequests(app, log);
  measureRequests(app, register);
  allowOrigins(app, settings.CORS_ORIGINS);
  handleErrors(app, routes);
  receiveBodies(app);
  completeReplies(app, lifecycle);

  app.addHook("onClose", identity.close);
  const { authenticator } = identity;
  const { guarded, hasAdmins: admins } = authenticator;
  const { RATE_LIMIT: rateLimit } = settings;
  const quota = new Quota(quotaStore);
  const hosts = allowedHosts({
    listen: settings.HOST,
    names: settings.ALLOWED_HOSTS,
    publicUrl: settings.PUBLIC_API_URL,
  });
  tellWhoMayCall(log.logger, authenticator, rateLimit, hosts);
  const admission = new Admission({ authenticator, quota, rateLimit });
  openGate(app, {
    services,
    routes,
    admission,
    budget: new BodyBudget({
      maxBytes: settings.MAX_BODIES_BYTES,
      observer: services.observer,
      register,
    }),
    hosts,
    allowsOrigin: originRule(settings.CORS_ORIGINS),
  });
  const { login } = identity;
  const options = {
    limits: { maxBatchRows: settings.MAX_BATCH_ROWS },
    maxFileBytes: settings.MAX_FILE_BYTES,
    lane: largeBatches,
  };
  const access = { guarded, admins, limited: rateLimit !== undefined };
  const endpoints: Endpoints = {
    index: indexEndpoint(routes, settings.DOCS_ENABLED),
    ...createEndpoints(options),
    metrics: metricsEndpoint(sharedResult(metrics, settings.STATUS_MAX_AGE_MS)),
    ...oipEndpoints({ ...options, admins }),
    ...(login && {
      login: loginEndpoint(loginHandler({ login, quota, ttlS: settings.JWT_TTL_S })),
    }),
    ...(settings.DOCS_ENABLED && docsEndpoints({ access, endpoints: () => endpoints })),
    ...furtherEndpoints,
  };
  if (settings.DOCS_ENABLED) await openDocsFiles(app);
  await restRoutes(app, endpoints, { admins });
  routes.rejectOtherMethods();
  mountTrpc(app, createRouter(endpoints), { lane: largeBatches, maxCalls: settings.MAX_CALLS });
  return app;
}
