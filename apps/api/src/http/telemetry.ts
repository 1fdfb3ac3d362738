import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import type { CallContext } from "../context.ts";
import type { Lifecycle } from "../lifecycle.ts";
import {
  accessFields,
  milliseconds,
  type AccessLine,
  type LogOutput,
} from "../observability/logger.ts";
import {
  DURATION_BUCKETS,
  HotCounter,
  HotHistogram,
  type CounterChild,
  type HistogramChild,
} from "../observability/metrics/hot-metrics.ts";
// Declare `request.call` and `request.failure`.
import "./call-context.ts";
import "./error-handler.ts";

/** `Server-Timing` of a prediction whose response is about to be sent; `undefined` where nothing was computed for it. */
export function serverTiming({
  served,
  arrived,
}: Pick<CallContext, "served" | "arrived">): string | undefined {
  if (served?.queueMs === undefined || served.computeMs === undefined) return undefined;
  const { queueMs, computeMs, totalMs } = served;
  const total = milliseconds(totalMs ?? performance.now() - arrived);
  return `queue;dur=${milliseconds(queueMs)}, compute;dur=${milliseconds(computeMs)}, total;dur=${total}`;
}

/** The children of one route and method, so that a request looks them up with two map reads; keys put together would be hashed each time. */
interface RouteMetrics {
  readonly duration: HistogramChild;
  /** By the first digit of the status. */
  readonly requests: (CounterChild | undefined)[];
}

/** Declares the metrics of requests, under the names of `prometheus-fastapi-instrumentator`; returns what counts one. */
export function requestMetrics(register: Registry) {
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
  return (handler: string, method: string, statusCode: number, seconds: number): void => {
    let methods = routes.get(handler);
    if (methods === undefined) routes.set(handler, (methods = new Map()));
    let metrics = methods.get(method);
    if (metrics === undefined) {
      metrics = { duration: duration.labels(handler, method), requests: [] };
      methods.set(method, metrics);
    }
    const status = Math.floor(statusCode / 100);
    (metrics.requests[status] ??= requests.labels(handler, method, `${status}xx`)).inc();
    metrics.duration.observe(seconds);
  };
}

interface TelemetryOptions {
  readonly log: LogOutput;
  readonly register: Registry;
  readonly lifecycle: Lifecycle;
}

/**
 * Completes every response with `server-timing`, `x-cache` and, while the server closes, `connection: close`; counts,
 * times and logs each request once its response is sent: route, caller, status and duration, never feature values.
 */
export function observeRequests(
  app: FastifyInstance,
  { log: { logger, writeAccess }, register, lifecycle }: TelemetryOptions,
): void {
  app.addHook("onSend", (request, reply, _payload, done) => {
    const { call } = request;
    if (call?.served !== undefined) {
      const timing = serverTiming(call);
      if (timing !== undefined) reply.header("server-timing", timing);
      if (call.served.cached !== undefined) reply.header("x-cache", call.served.cached);
    }
    if (lifecycle.closing) reply.header("connection", "close");
    done();
  });
  const count = requestMetrics(register);
  const logs = logger.isLevelEnabled("error");
  app.addHook("onResponse", (request, reply, done) => {
    const { call, trace, callerTrace, method } = request;
    const route = request.rules?.url ?? "none";
    const status = reply.statusCode;
    const elapsedMs = performance.now() - call.arrived;
    count(route, method, status, elapsedMs / 1000);
    if (!logs) return done();
    const line: AccessLine = {
      requestId: request.id,
      traceId: (trace ?? callerTrace)?.traceId,
      spanId: trace?.spanId,
      method,
      route,
      status,
      durationMs: Math.round(elapsedMs * 1000) / 1000,
      caller: call.caller,
      rows: call.served?.rows,
      model: call.served?.model,
    };
    if (request.failure === undefined) writeAccess(line);
    else logger.error({ ...accessFields(line), err: request.failure }, "request");
    return done();
  });
}
