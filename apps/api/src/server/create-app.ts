import { allowedHosts } from "@sepal/schema/allowed-hosts";
import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { docsRoutes } from "../openapi/docs-routes.ts";
import { fileRoutes } from "../endpoints/file-routes.ts";
import { logRequests } from "../http/access-log.ts";
import { provideCallContext } from "../http/call-context.ts";
import { allowOrigins, originRule } from "../http/cors.ts";
import { receiveBodies } from "../http/body.ts";
import { BodyBudget } from "../http/body-budget.ts";
import { limitConnections } from "../http/connections.ts";
import { handleErrors } from "../http/error-handler.ts";
import { noteCutOffs } from "../http/connections.ts";
import { openGate } from "../http/gate.ts";
import { openHost } from "../http/open-host.ts";
import { RouteTable } from "../http/route-rules.ts";
import { sharedResult } from "../shared-result.ts";
import { cutOffStalledReaders } from "../http/connections.ts";
import { completeReplies } from "../http/server-timing.ts";
import { Admission } from "../auth/admission.ts";
import { tellWhoMayCall } from "../auth/tell-who-may-call.ts";
import { openIdentity } from "../auth/open-identity.ts";
import { measureRequests } from "../http/http-metrics.ts";
import { oipInferRoutes } from "../endpoints/oip-infer-routes.ts";
import { oipMetadataRoutes } from "../endpoints/oip-metadata-routes.ts";
import { oipRepositoryRoutes } from "../endpoints/oip-repository-routes.ts";
import { healthRoutes } from "../endpoints/health-routes.ts";
import { Quota } from "../rate-limit/quota.ts";
import type { QuotaStore } from "../rate-limit/quota-policy.ts";
import { indexRoute } from "../endpoints/index-route.ts";
import { loginRoute } from "../endpoints/login-route.ts";
import { metricsRoute } from "../endpoints/metrics-route.ts";
import { jobRoutes } from "../endpoints/job-routes.ts";
import { modelRoutes } from "../endpoints/model-routes.ts";
import { predictRoutes } from "../endpoints/predict-routes.ts";
import type { LargeBatchLane } from "../batch-workers/large-batch-lane.ts";
import type { LogOutput } from "../observability/logs/logger.ts";
import type { Services } from "../context.ts";
import { mountTrpc } from "../protocols/trpc/mount.ts";
import type { Tracing } from "../observability/tracing/tracing.ts";
import { createAppRouter } from "../protocols/trpc/router.ts";

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
}

/** Builds the HTTP host: hooks first, then every face of the operations. */
export async function createServer({
  services: parts,
  log,
  register,
  metrics,
  largeBatches,
  quotaStore,
  tracing,
}: ServerOptions): Promise<FastifyInstance> {
  const { settings, lifecycle } = parts;
  const identity = await openIdentity(settings, log.logger);
  const services = { ...parts, identityFaults: identity.faults };
  const limits = { maxBatchRows: settings.MAX_BATCH_ROWS };
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

  const router = createAppRouter(limits);
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
  indexRoute(app, routes, settings.DOCS_ENABLED);
  predictRoutes(app, limits, largeBatches);
  await fileRoutes(app, settings, largeBatches);
  modelRoutes(app);
  jobRoutes(app);
  healthRoutes(app, services);
  metricsRoute(app, sharedResult(metrics, settings.STATUS_MAX_AGE_MS));
  oipMetadataRoutes(app, services, admins);
  oipInferRoutes(app, limits, largeBatches);
  oipRepositoryRoutes(app, services, authenticator);
  const users = identity.login !== undefined;
  if (identity.login !== undefined) {
    loginRoute(app, { login: identity.login, quota, ttlS: settings.JWT_TTL_S });
  }
  if (settings.DOCS_ENABLED) {
    const limited = rateLimit !== undefined;
    await docsRoutes(app, router, services, { guarded, admins, limited, users });
  }
  routes.rejectOtherMethods();
  mountTrpc(app, router, { lane: largeBatches, maxCalls: settings.MAX_CALLS });
  return app;
}
