import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { otlpUrl, type TelemetrySettings } from "../settings/telemetry-settings.ts";
import type { MetricsExport } from "./metrics/metrics-export.ts";
import type { Tracing } from "./tracing/open-tracing.ts";

const MAX_LAST_EXPORT_MS = 3000;

/** How long the last spans and metrics may take to be sent, in milliseconds, where the grace time ends at `graceEnds`. */
export function lastExportMs(graceEnds: number): number {
  return Math.min(MAX_LAST_EXPORT_MS, Math.max(0, graceEnds - performance.now()));
}

// Where nothing is sent, nothing of OpenTelemetry is even loaded.

/** Opens what sends traces; `undefined` where none are sent. */
export async function tracingFor(
  settings: TelemetrySettings,
  register: Registry,
  logger: Logger,
): Promise<Tracing | undefined> {
  const url = otlpUrl(settings, "traces");
  if (url === undefined) return undefined;
  const { openTracing } = await import("./tracing/open-tracing.ts");
  return openTracing({ url, settings, register, logger });
}

/** Opens what sends the metrics that `collect` gives; `undefined` where none are sent. */
export async function metricsExportFor(
  settings: TelemetrySettings,
  collect: () => ReturnType<Registry["getMetricsAsJSON"]>,
  logger: Logger,
): Promise<MetricsExport | undefined> {
  const url = otlpUrl(settings, "metrics");
  if (url === undefined) return undefined;
  const { openMetricsExport } = await import("./metrics/metrics-export.ts");
  return openMetricsExport({ url, settings, collect, logger });
}
