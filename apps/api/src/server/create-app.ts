import type { IncomingMessage } from "node:http";
import { allowedHosts } from "@sepal/schema/allowed-hosts";
import { fastify, type FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { Logger } from "pino";
import { observeRequests } from "../http/telemetry.ts";
import { provideCallContext, requestId } from "../http/call-context.ts";
import { allowOrigins, originRule } from "../http/cors.ts";
import { receiveBodies } from "../http/body.ts";
import { BodyBudget } from "../http/body-budget.ts";
import { cutOffStalledReaders, limitConnections, noteCutOffs } from "../http/connections.ts";
import { handleErrors, sendMalformed, sendUnrouted } from "../http/error-handler.ts";
import { openGate } from "../http/gate.ts";
import { RouteTable } from "../http/route-rules.ts";
import { sharedResult } from "../shared-result.ts";
import { Admission, type Authenticator } from "../auth/access-control.ts";
import { openIdentity } from "../auth/open-identity.ts";
import { Quota, type QuotaStore } from "../rate-limit/quota.ts";
import type { Endpoints } from "../endpoints/endpoint.ts";
import { createEndpoints } from "../endpoints/endpoints.ts";
import { loginEndpoint, loginHandler } from "../endpoints/login-endpoint.ts";
import { oipEndpoints } from "../endpoints/oip-endpoints.ts";
import { restRoutes } from "../endpoints/rest-routes.ts";
import { createRouter } from "../endpoints/trpc-router.ts";
import { indexEndpoint, metricsEndpoint } from "../endpoints/server-endpoints.ts";
import { docsEndpoints, openDocsFiles } from "../openapi/docs-endpoints.ts";
import type { BatchWorkers } from "../batch-workers/batch-workers.ts";
import type { LogOutput } from "../observability/logger.ts";
import type { Services } from "../context.ts";
import { mountTrpc } from "../protocols/trpc/mount.ts";
import type { Tracing } from "../observability/tracing/open-tracing.ts";
import { trustedProxies } from "../rate-limit/client-address.ts";
import type { Settings } from "../settings/settings.ts";
import { slowClientOptions } from "../settings/http-settings.ts";
import type { QuotaPolicy } from "../settings/quota-settings.ts";

interface ServerOptions {
  readonly services: Services;
  readonly log: LogOutput;
  readonly register: Registry;
  /** Prometheus text, of all processes where there are several. */
  readonly metrics: () => Promise<string>;
  /** Where large batches go; absent, they stay on the main thread. */
  readonly largeBatches: BatchWorkers | undefined;
  /** Where the calls of callers are counted. */
  readonly quotaStore: QuotaStore;
  /** Absent where no traces are sent. */
  readonly tracing?: Tracing | undefined;
  /** Endpoints besides the server's own. */
  readonly furtherEndpoints?: Endpoints;
}

/** As long as Node lets a whole head be: the names of 100 tRPC calls stand in one parameter. */
const MAX_PARAM_LENGTH = 16_384;

/** The path of a request as the routes have it: without that below which a proxy serves the API, where it is still there. */
function withoutPrefix(prefix: string) {
  return ({ url = "/" }: IncomingMessage): string => {
    if (!url.startsWith(prefix)) return url;
    const rest = url.slice(prefix.length);
    if (rest === "" || rest.startsWith("?")) return `/${rest}`;
    return rest.startsWith("/") ? rest : url;
  };
}

/** Opens the HTTP host within the limits of the settings; it has no hooks and no routes yet. */
function openHost(settings: Settings): FastifyInstance {
  return fastify({
    bodyLimit: settings.MAX_BODY_BYTES,
    genReqId: requestId,
    trustProxy: trustedProxies(settings.TRUST_PROXY),
    requestTimeout: settings.REQUEST_TIMEOUT_MS,
    keepAliveTimeout: settings.KEEP_ALIVE_TIMEOUT_MS,
    // Node's own response to a missing one has no body.
    http: { ...slowClientOptions(settings), requireHostHeader: false },
    ...(settings.PATH_PREFIX !== undefined && { rewriteUrl: withoutPrefix(settings.PATH_PREFIX) }),
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: sendUnrouted,
    clientErrorHandler: sendMalformed,
    forceCloseConnections: "idle",
    return503OnClosing: false,
  });
}

/** Logs at start who may call, how often, and by which names the server is reached. */
function logAccess(
  logger: Logger,
  { guarded, hasAdmins }: Authenticator,
  rateLimit: QuotaPolicy | undefined,
  hosts: ReadonlySet<string> | undefined,
): void {
  const quota =
    rateLimit === undefined ? "none" : `${rateLimit.limit} calls in ${rateLimit.windowMs / 1000} s`;
  const line = {
    callers: guarded ? "known" : "anybody",
    admin_routes: hasAdmins,
    quota,
    allowed_hosts: hosts === undefined ? "any" : [...hosts].join(","),
  };
  if (guarded) logger.info(line, "only known callers are let in");
  else logger.info(line, "no keys or users are configured: everybody is let in");
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
  allowOrigins(app, settings.CORS_ORIGINS);
  handleErrors(app, routes);
  receiveBodies(app);
  observeRequests(app, { log, register, lifecycle });

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
  logAccess(log.logger, authenticator, rateLimit, hosts);
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
    workers: largeBatches,
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
  mountTrpc(app, createRouter(endpoints), { workers: largeBatches, maxCalls: settings.MAX_CALLS });
  return app;
}
