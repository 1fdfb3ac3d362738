import {
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type HrTime,
  type Span,
  type Tracer,
  type Attributes,
} from "@opentelemetry/api";
import type { IncomingHttpHeaders } from "node:http";
import { readTraceparent, writeTraceparent, type TraceParent } from "./traceparent.ts";

/** What a model did for a request; times in milliseconds, on the clock of `performance.now()`. */
interface TracedWork {
  readonly model: string;
  readonly version: string;
  readonly rows: number;
  readonly startedAt?: number | undefined;
  readonly queuedAt?: number | undefined;
  readonly queueMs?: number | undefined;
  readonly computeMs?: number | undefined;
}

/** What tracing reads of a request, and where it notes its span. */
export interface TracedRequest {
  readonly id: string;
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly protocol: string;
  readonly headers: IncomingHttpHeaders;
  readonly route: { readonly url: string; readonly rules: { readonly probe: boolean } };
  readonly call: { readonly served: TracedWork | undefined };
  trace: TraceParent | undefined;
  header(name: string, value: string): unknown;
}

/** How far the clock of `performance.now()` may drift from that of the day, in milliseconds. */
const MAX_DRIFT_MS = 5;

/** Turns readings of `performance.now()` into times of the day. */
class SpanClock {
  #offset = performance.timeOrigin;

  /** The conversion as it is now: spans of one trace share one, so that their order is kept. */
  read(): (now: number) => HrTime {
    const wanted = Date.now() - performance.now();
    // The time of the day comes in whole milliseconds: followed closer, it would only add noise.
    if (Math.abs(wanted - this.#offset) > MAX_DRIFT_MS) this.#offset = wanted;
    const offset = this.#offset;
    return (now) => {
      const milliseconds = offset + now;
      const seconds = Math.floor(milliseconds / 1000);
      return [seconds, Math.round((milliseconds - seconds * 1000) * 1e6)];
    };
  }
}

/** A span that is recorded, with the clock its children share. */
interface Recording {
  readonly span: Span;
  readonly at: (now: number) => HrTime;
}

/** The context that the caller's headers stand for. */
function parentContext({ headers }: TracedRequest): Context {
  const parent = readTraceparent(headers.traceparent);
  if (parent === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, sampled } = parent;
  const { tracestate } = headers;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(typeof tracestate === "string" && { traceState: createTraceState(tracestate) }),
  });
}

/** Most characters of a path. */
const MAX_PATH = 256;

/** The template of a request's route; `undefined` where there is no such route. */
function routeOf({ route: { url } }: TracedRequest): string | undefined {
  return url === "none" ? undefined : url;
}

/** Such as `POST /predict/:model_name`; the method alone where there is no such route. */
function nameSpan(request: TracedRequest): string {
  const route = routeOf(request);
  return route === undefined ? request.method : `${request.method} ${route}`;
}

/** The attributes of a request's span, by OpenTelemetry's conventions for HTTP; never a query, a body or a key. */
function requestAttributes(request: TracedRequest, status: number): Attributes {
  const route = routeOf(request);
  const { served } = request.call;
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

/** Adds the spans `queue`, the wait of the rows, and `inference`, the runs of the model in sum; none where nothing ran. */
function addInference(
  { span, at }: Recording,
  tracer: Tracer,
  served: TracedWork | undefined,
): void {
  const { startedAt, queueMs = 0, computeMs = 0, model, version, rows } = served ?? {};
  if (startedAt === undefined || startedAt === 0) return;
  const context = trace.setSpan(ROOT_CONTEXT, span);
  const attributes = { "sepal.model": model, "sepal.model_version": version, "sepal.rows": rows };
  const add = (name: string, from: number, durationMs: number) => {
    tracer.startSpan(name, { startTime: at(from), attributes }, context).end(at(from + durationMs));
  };
  add("queue", served?.queuedAt ?? startedAt - queueMs, queueMs);
  add("inference", startedAt, computeMs);
}

/** Gives every request but those of probes a span, named in its response, and ends it with the response. */
export class RequestSpans {
  readonly #tracer: Tracer;
  readonly #clock = new SpanClock();
  readonly #recordings = new WeakMap<TracedRequest, Recording>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  begin(request: TracedRequest): void {
    if (request.route.rules.probe) return;
    const at = this.#clock.read();
    const options = { kind: SpanKind.SERVER, startTime: at(performance.now()) };
    const span = this.#tracer.startSpan(nameSpan(request), options, parentContext(request));
    const { traceId, spanId } = span.spanContext();
    const sampled = span.isRecording();
    request.trace = { traceId, spanId, sampled };
    request.header("traceparent", writeTraceparent(request.trace));
    if (sampled) this.#recordings.set(request, { span, at });
  }

  end(request: TracedRequest, status: number): void {
    const recording = this.#recordings.get(request);
    if (recording === undefined) return;
    const { span, at } = recording;
    addInference(recording, this.#tracer, request.call.served);
    span.setAttributes(requestAttributes(request, status));
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(at(performance.now()));
  }
}
