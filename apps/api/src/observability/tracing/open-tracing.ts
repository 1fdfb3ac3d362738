import { setTimeout as sleep } from "node:timers/promises";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { VERSION } from "../../version.ts";
import { samplerOf } from "./sampler.ts";
import { spanCounts } from "./span-counts.ts";
import { toldExporter } from "./told-exporter.ts";
import { traceRequests } from "./trace-requests.ts";
import type { Tracing } from "./tracing.ts";
import type { TracingSettings } from "../../settings/tracing-settings.ts";

/** Batches of spans that are sent at the same time, when the process ends. */
const MAX_SENDING = 8;

interface TracingOptions {
  readonly url: string;
  readonly settings: TracingSettings;
  readonly register: Registry;
  readonly logger: Logger;
}

/** Prepares to send spans to a collector; nothing is sent before the first request. */
export function openTracing({ url, settings, register, logger }: TracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({ url, concurrencyLimit: MAX_SENDING });
  const processor = new BatchSpanProcessor({
    exporter: toldExporter(exporter, logger),
    scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
    maxQueueSize: settings.OTEL_BSP_MAX_QUEUE_SIZE,
    maxExportBatchSize: settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE,
    selfObsMeterProvider: spanCounts(register),
  });
  const own = resourceFromAttributes({
    "service.name": settings.OTEL_SERVICE_NAME,
    "service.version": VERSION,
    "process.pid": process.pid,
  });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(detectResources({ detectors: [envDetector] }))
      .merge(own),
    sampler: samplerOf(settings),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer("sepal", VERSION);
  const { origin, pathname } = new URL(url);
  logger.info({ collector: origin + pathname }, "spans are sent to a collector");
  return {
    follow: (app) => traceRequests(app, tracer),
    async close(withinMs) {
      const sent = provider.shutdown().catch(() => undefined);
      await Promise.race([sent, sleep(withinMs)]);
    },
  };
}
