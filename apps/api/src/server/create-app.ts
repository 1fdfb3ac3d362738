import type { Contract } from "@sepal/schema/define-contract";
import type { RequestListener } from "node:http";
import { allowedHosts } from "@sepal/schema/allowed-hosts";
import type { FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import type { Logger } from "pino";
import { BodyBudget } from "../http/body-budget.ts";
import { cutOffStalledReaders, limitConnections } from "../http/connections.ts";
import { CrossOrigin, originRule } from "../http/cors.ts";
import { openFastify } from "../http/fastify.ts";
import { Gate } from "../http/gate.ts";
import { Host } from "../http/host.ts";
import { Proxies } from "../http/proxies.ts";
import { RouteTable } from "../http/route-table.ts";
import { Telemetry } from "../http/telemetry.ts";
import { sharedResult } from "../shared-result.ts";
import { Admission, Authenticator } from "../auth/access-control.ts";
import { openIdentity } from "../auth/open-identity.ts";
import { Quota, type QuotaStore } from "../rate-limit/quota.ts";
import type { Endpoints } from "../endpoints/endpoint.ts";
import { EndpointFactory } from "../endpoints/endpoints.ts";
import { loginEndpoint, loginHandler } from "../endpoints/login-endpoint.ts";
import { oipEndpoints } from "../endpoints/oip-endpoints.ts";
import { prefixedRoutes, restRoutes } from "../endpoints/rest-routes.ts";
import { createRouter } from "../endpoints/trpc-router.ts";
import { indexEndpoint, meEndpoint, metricsEndpoint } from "../endpoints/server-endpoints.ts";
import { docsEndpoints, openDocsFiles } from "../openapi/docs-endpoints.ts";
import type { BatchWorkers } from "../batch-workers/batch-workers.ts";
import type { LogOutput } from "../observability/logger.ts";
import type { Services } from "../context.ts";
import { trpcRoutes } from "../protocols/trpc/mount.ts";
import type { Tracing } from "../observability/tracing/open-tracing.ts";
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

/** The HTTP server, which does not listen yet. */
interface HttpServer {
  readonly app: FastifyInstance;
  readonly routes: RouteTable;
  /** Serves predictions that the server sends itself. */
  readonly rehearse: RequestListener;
}

/** Builds the HTTP server: what every request passes first, then every endpoint. */
export async function createServer({
  services: parts,
  log,
  register,
  metrics,
  largeBatches,
  quotaStore,
  tracing,
  furtherEndpoints,
}: ServerOptions): Promise<HttpServer> {
  const { settings, lifecycle } = parts;
  const identity = await openIdentity(settings, log.logger);
  const services = { ...parts, identityFaults: identity.faults };
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
  const routes = new RouteTable(settings.MAX_BODY_BYTES);
  const budget = new BodyBudget({
    maxBytes: settings.MAX_BODIES_BYTES,
    observer: services.observer,
    register,
  });
  const shared = {
    routes,
    proxies: new Proxies(settings.TRUST_PROXY),
    crossOrigin:
      settings.CORS_ORIGINS.length === 0 ? undefined : new CrossOrigin(settings.CORS_ORIGINS),
    pathPrefix: settings.PATH_PREFIX,
  };
  const rules = { budget, hosts, allowsOrigin: originRule(settings.CORS_ORIGINS) };
  const host = new Host({
    ...shared,
    services,
    rehearsal: false,
    gate: new Gate({ ...rules, services, admission }),
    telemetry: new Telemetry({ log, register, lifecycle, tracing }),
  });
  // The same path for the server's own requests, which nothing counts or logs and which no quota or key is for.
  const own = { ...services, cache: undefined };
  const nobody = new Authenticator({ API_KEYS: [], ADMIN_KEYS: [] });
  const rehearsal = new Host({
    ...shared,
    services: own,
    rehearsal: true,
    gate: new Gate({
      ...rules,
      services: own,
      admission: new Admission({ authenticator: nobody, quota, rateLimit: undefined }),
    }),
    telemetry: new Telemetry({
      log: { ...log, writeAccess() {} },
      register: new Registry(),
      lifecycle,
      tracing: undefined,
    }),
  });
  const app = openFastify(settings, host);
  limitConnections(app, settings.MAX_CONNECTIONS, log.logger);
  cutOffStalledReaders(app, settings.REQUEST_TIMEOUT_MS);
  app.addHook("onClose", identity.close);
  const { login } = identity;
  const options = {
    limits: { maxBatchRows: settings.MAX_BATCH_ROWS },
    maxFileBytes: settings.MAX_FILE_BYTES,
    workers: largeBatches,
  };
  const access = { guarded, admins, limited: rateLimit !== undefined, users: login !== undefined };
  const factory = new EndpointFactory(options);
  const index = indexEndpoint(routes, settings.DOCS_ENABLED);
  const ownEndpoints: Endpoints = {
    metrics: metricsEndpoint(sharedResult(metrics, settings.STATUS_MAX_AGE_MS)),
    me: meEndpoint(),
    ...oipEndpoints({ ...options, admins }),
    ...(login && {
      login: loginEndpoint(loginHandler({ login, quota, ttlS: settings.JWT_TTL_S })),
    }),
    ...(settings.DOCS_ENABLED && docsEndpoints({ access, endpoints: () => endpoints })),
    ...furtherEndpoints,
  };
  if (settings.DOCS_ENABLED) await openDocsFiles(app);
  const { registry } = services;
  registry.prepare = (contract) => void factory.of(contract);
  let endpoints: Endpoints = {};
  let served: readonly (Contract | undefined)[] = [];
  const declare = () => {
    const all = registry.contracts.all();
    const [first] = all;
    const root = registry.rootContract;
    const contracts = [root, ...all];
    // Most changes are of models.
    if (served.length === contracts.length && served.every((each, at) => each === contracts[at]))
      return;
    served = contracts;
    endpoints = { index, ...factory.endpoints({ all, root }), ...ownEndpoints };
    const { MAX_CALLS: maxCalls } = settings;
    routes.replace([
      ...restRoutes(endpoints, { admins }),
      ...trpcRoutes(createRouter(endpoints), { workers: largeBatches, maxCalls }),
      ...(root === undefined && first !== undefined ? prefixedRoutes(all, factory.of(first)) : []),
    ]);
  };
  declare();
  registry.onChange(declare);
  return { app, routes, rehearse: rehearsal.listener((raw) => raw.socket.destroy()) };
}
