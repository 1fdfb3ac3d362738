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
} from "@opentelemetry/api";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { readTraceparent, writeTraceparent } from "./traceparent.ts";
import { nameSpan, requestAttributes } from "./request-attributes.ts";
import { SpanClock } from "./span-clock.ts";
import { traceInference } from "./trace-inference.ts";

/** What orchestrators and scrapers ask every few seconds. */
const UNTRACED = new Set([
  "/health",
  "/health/live",
  "/health/ready",
  "/metrics",
  "/v2/health/live",
  "/v2/health/ready",
]);

/** A span that is recorded, with the clock its children share. */
interface Recording {
  readonly span: Span;
  readonly at: (now: number) => HrTime;
}

/** The context that the caller's headers stand for. */
function parentContext({ headers }: FastifyRequest): Context {
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

function end(
  { span, at }: Recording,
  tracer: Tracer,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const context = trace.setSpan(ROOT_CONTEXT, span);
  traceInference(request.call?.served, (name, { from, to, attributes }) => {
    tracer.startSpan(name, { startTime: at(from), attributes }, context).end(at(to));
  });
  span.setAttributes(requestAttributes(request, reply));
  if (reply.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(at(performance.now()));
}

/** Gives every request but probes and scrapes a span, named in its reply, and ends it with the reply. */
export function traceRequests(app: FastifyInstance, tracer: Tracer): void {
  const clock = new SpanClock();
  const recordings = new WeakMap<FastifyRequest, Recording>();
  app.decorateRequest("trace", undefined);
  app.addHook("onRequest", (request, reply, done) => {
    if (UNTRACED.has(request.routeOptions.url ?? "")) return done();
    const at = clock.read();
    const options = { kind: SpanKind.SERVER, startTime: at(performance.now()) };
    const span = tracer.startSpan(nameSpan(request), options, parentContext(request));
    const { traceId, spanId } = span.spanContext();
    const sampled = span.isRecording();
    request.trace = { traceId, spanId, sampled };
    reply.header("traceparent", writeTraceparent(request.trace));
    if (sampled) recordings.set(request, { span, at });
    return done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const recording = recordings.get(request);
    if (recording !== undefined) end(recording, tracer, request, reply);
    done();
  });
}
