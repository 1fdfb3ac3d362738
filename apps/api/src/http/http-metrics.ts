import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
// Declares `request.call`.
import "./call-context.ts";
import { DURATION_BUCKETS } from "../observability/metrics/buckets.ts";
import {
  HotCounter,
  HotHistogram,
  type CounterChild,
  type HistogramChild,
} from "../observability/metrics/hot-metrics.ts";

/** The children of one route and method, so that a request looks them up with two map reads; keys put together would be hashed each time. */
interface RouteMetrics {
  readonly duration: HistogramChild;
  /** By the first digit of the status. */
  readonly requests: (CounterChild | undefined)[];
}

/** Counts and times every request, under the names of `prometheus-fastapi-instrumentator`. */
export function measureRequests(app: FastifyInstance, register: Registry): void {
  const requests = new HotCounter({
    name: "http_requests_total",
    help: "Requests answered",
    labelNames: ["handler", "method", "status"],
    register,
  });
  const duration = new HotHistogram({
    name: "http_request_duration_seconds",
    help: "Time from the request's head to the end of its reply",
    labelNames: ["handler", "method"],
    buckets: DURATION_BUCKETS,
    register,
  });
  const routes = new Map<string, Map<string, RouteMetrics>>();
  app.addHook("onResponse", (request, reply, done) => {
    const handler = request.rules?.url ?? "none";
    const { method } = request;
    let methods = routes.get(handler);
    if (methods === undefined) routes.set(handler, (methods = new Map()));
    let metrics = methods.get(method);
    if (metrics === undefined) {
      metrics = { duration: duration.labels(handler, method), requests: [] };
      methods.set(method, metrics);
    }
    const status = Math.floor(reply.statusCode / 100);
    (metrics.requests[status] ??= requests.labels(handler, method, `${status}xx`)).inc();
    metrics.duration.observe((performance.now() - request.call.arrived) / 1000);
    done();
  });
}
