import { randomUUID } from "node:crypto";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from "@opentelemetry/resources";
import type { Logger } from "pino";
import type { TelemetrySettings } from "../settings/telemetry-settings.ts";
import { VERSION } from "../version.ts";

/** Distinguishes the metrics of one process, and of its life, from those of its replicas. */
const INSTANCE = randomUUID();

/** What traces and metrics say of their sender; names of the settings win over those of `OTEL_RESOURCE_ATTRIBUTES`. */
export function telemetryResource({ OTEL_SERVICE_NAME: name }: TelemetrySettings): Resource {
  return defaultResource()
    .merge(resourceFromAttributes({ "service.name": "sepal", "service.instance.id": INSTANCE }))
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(
      resourceFromAttributes({
        ...(name !== undefined && { "service.name": name }),
        "service.version": VERSION,
        "process.pid": process.pid,
      }),
    );
}

/** Shortest time between two lines on what cannot be sent, in milliseconds. */
const LOG_EVERY_MS = 60_000;

interface Exporter<Batch> {
  export(batch: Batch, callback: (result: { readonly error?: Error }) => void): void;
}

/** Logs the failures of an exporter, once a minute at most; what it exports is sent as before. */
export function logFailures<Batch>(exporter: Exporter<Batch>, logger: Logger, what: string): void {
  const send = exporter.export.bind(exporter);
  let logged = -Infinity;
  exporter.export = (batch, callback) => {
    send(batch, (result) => {
      const { error: err } = result;
      const now = performance.now();
      if (err !== undefined && now - logged >= LOG_EVERY_MS) {
        logged = now;
        logger.warn({ err }, `${what} cannot be sent`);
      }
      callback(result);
    });
  };
}

/** Logs where something is sent, without credentials of the address, and a protocol that is not spoken. */
export function logDestination(
  logger: Logger,
  { OTEL_EXPORTER_OTLP_PROTOCOL: protocol = "http/json" }: TelemetrySettings,
  url: string,
  what: string,
): void {
  const { origin, pathname } = new URL(url);
  const collector = origin + pathname;
  logger.info({ collector }, `${what} are sent to a collector`);
  if (protocol === "http/json") return;
  logger.warn(
    { protocol, collector },
    `OTEL_EXPORTER_OTLP_PROTOCOL is not spoken: ${what} are sent as http/json, which the collector has to take at that address`,
  );
}
