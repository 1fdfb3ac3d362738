import type { Registry } from "prom-client";
import type { CallContext } from "../context.ts";
import { toSepalError } from "../errors/failures.ts";
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
import type { Tracing } from "../observability/tracing/open-tracing.ts";
import { isUncertain, type Exchange, type ResponseHead } from "./exchange.ts";

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
  /** Absent where no traces are sent. */
  readonly tracing: Tracing | undefined;
}

/** What a request leaves behind: a span, the headers on its times, its metrics and its log line. */
export class Telemetry {
  readonly #options: TelemetryOptions;
  readonly #count: ReturnType<typeof requestMetrics>;
  readonly #logs: boolean;

  constructor(options: TelemetryOptions) {
    this.#options = options;
    this.#count = requestMetrics(options.register);
    this.#logs = options.log.logger.isLevelEnabled("error");
  }

  /** Follows a request until its response is sent or its connection has ended. */
  follow(exchange: Exchange): void {
    this.#options.tracing?.begin(exchange);
    exchange.noteCallerTrace();
    exchange.response.on("close", () => this.#end(exchange));
  }

  /** Adds `server-timing`, `x-cache` and, while the server closes, `connection: close` to the head of a response. */
  complete({ call }: Exchange, head: ResponseHead): void {
    if (call.served !== undefined) {
      const timing = serverTiming(call);
      if (timing !== undefined) head.header("server-timing", timing);
      if (call.served.cached !== undefined) head.header("x-cache", call.served.cached);
    }
    if (this.#options.lifecycle.closing) head.header("connection", "close");
  }

  /** Counts, times and logs a request: route, caller, status and duration, never feature values. */
  #end(exchange: Exchange): void {
    const { call, trace, callerTrace, method, response, failure } = exchange;
    const { log, tracing } = this.#options;
    const { url: route } = exchange.route;
    const elapsedMs = performance.now() - call.arrived;
    if (!response.writableFinished) {
      // What follows a request without a certain end is no request, and no client waits for its response.
      if (isUncertain(exchange.raw)) return;
      response.statusCode = failure === undefined ? 499 : toSepalError(failure).status;
    }
    const status = response.statusCode;
    tracing?.end(exchange, status);
    this.#count(route, method, status, elapsedMs / 1000);
    if (!this.#logs) return;
    const line: AccessLine = {
      requestId: exchange.id,
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
    if (failure === undefined) log.writeAccess(line);
    else log.logger.error({ ...accessFields(line), err: failure }, "request");
  }
}
