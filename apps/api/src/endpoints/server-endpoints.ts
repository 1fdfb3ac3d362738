import { Registry } from "prom-client";
import * as z from "zod";
import { getMe } from "../operations/me.ts";
import { VERSION } from "../version.ts";
import { isSecondSpelling, textResponse, bytes, json } from "./endpoint.ts";

const DECLARED = { rules: { access: "open" }, tag: "server" } as const;

const index = z.object({
  name: z.string(),
  version: z.string(),
  docs: z
    .object({ swagger: z.string(), redoc: z.string(), openapi: z.string() })
    .nullable()
    .meta({ description: "Where the documentation is; null where it is off." }),
  trpc: z.string(),
  metrics: z.string(),
  routes: z.array(z.object({ path: z.string(), methods: z.array(z.string()) })),
});

type Routes = Iterable<readonly [url: string, methods: Iterable<string>]>;

function indexOf(routes: Routes, docs: boolean) {
  return {
    name: "Sepal",
    version: VERSION,
    docs: docs ? { swagger: "/docs", redoc: "/redoc", openapi: "/openapi.json" } : null,
    trpc: "/trpc",
    metrics: "/metrics",
    routes: [...routes]
      .filter(([url]) => !url.startsWith("/docs/") && !url.startsWith("/redoc/"))
      .filter(([url]) => !isSecondSpelling(url))
      .map(([url, methods]) => ({
        path: url.replaceAll(/:(\w+)/g, "{$1}"),
        methods: [...methods].filter((method) => method !== "HEAD"),
      })),
  };
}

const EXAMPLE_ROUTES = [
  ["/", ["GET"]],
  ["/predict", ["POST"]],
] as const;

const METRICS_EXAMPLE = `# HELP model_ready 1 while the model version answers predictions, else 0
# TYPE model_ready gauge
model_ready{model="iris-forest",version="1"} 1
`;

/** What there is: every path with its methods, once all are declared. */
export function indexEndpoint(routes: Routes, docs: boolean) {
  return json({
    ...DECLARED,
    operation: {
      input: z.strictObject({}).optional(),
      output: index,
      run: () => indexOf(routes, docs),
    },
    rest: { method: "GET", path: "/" },
    trpc: false,
    summary: "List the paths",
    description:
      "Every path with its methods, and the addresses of documentation, metrics and tRPC.",
    example: () => ({ response: indexOf(EXAMPLE_ROUTES, true) }),
  });
}

/** The sender of a request; its response is kept nowhere. */
export function meEndpoint() {
  return json({
    operation: getMe,
    rest: { method: "GET", path: "/me" },
    trpc: false,
    wrap: (handler) => (exchange) => {
      exchange.header("cache-control", "no-store");
      return handler(exchange);
    },
    tag: "server",
    summary: "Get the caller's identity",
    description:
      "The name under which the log and the rate limit know the caller, the credential, and when it expires.",
    example: () => ({ response: { caller: null, credential: null, expires_at: null } }),
  });
}

/** Prometheus text. */
export function metricsEndpoint(metrics: () => Promise<string>) {
  return bytes({
    ...DECLARED,
    rules: { access: "open", probe: true },
    rest: { method: "GET", path: "/metrics" },
    handler: async (_request, reply) =>
      reply.header("content-type", Registry.PROMETHEUS_CONTENT_TYPE).send(await metrics()),
    summary: "Metrics",
    description: "Prometheus text format, aggregated over all server processes.",
    document: () => ({
      responses: textResponse("text/plain", "Prometheus text", METRICS_EXAMPLE),
    }),
  });
}
