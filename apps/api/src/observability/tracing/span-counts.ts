import {
  createNoopMeter,
  type Attributes,
  type Meter,
  type MeterProvider,
} from "@opentelemetry/api";
import type { Registry } from "prom-client";
import { HotCounter } from "../metrics/hot-metrics.ts";

/** How the batch processor calls what it counts, and the error of a span that found its queue full. */
const PROCESSED = "otel.sdk.processor.span.processed";
const QUEUE_FULL = "queue_full";

/** Declares the counter of ended spans; gives the meters through which the batch processor tells of them. */
export function spanCounts(register: Registry): MeterProvider {
  const spans = new HotCounter({
    name: "trace_spans_total",
    help: "Spans sent to the collector, failed to be sent, or dropped because too many waited",
    labelNames: ["outcome"],
    register,
  });
  const exported = spans.labels("exported");
  const failed = spans.labels("failed");
  const dropped = spans.labels("dropped");
  const add = (count: number, attributes: Attributes = {}) => {
    const error = attributes["error.type"];
    if (error === undefined) exported.inc(count);
    else if (error === QUEUE_FULL) dropped.inc(count);
    else failed.inc(count);
  };
  const noop = createNoopMeter();
  const createCounter: Meter["createCounter"] = (name, options) =>
    name === PROCESSED ? { add } : noop.createCounter(name, options);
  const meter = new Proxy(noop, {
    get: (target, key) => (key === "createCounter" ? createCounter : Reflect.get(target, key)),
  });
  return { getMeter: () => meter };
}
