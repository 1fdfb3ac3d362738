import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Logger } from "pino";

/** A collector that is away is told once in this time, in milliseconds. */
const TELL_EVERY_MS = 60_000;

/** An exporter whose failures are logged, once a minute at most, and disturb nothing else. */
export function toldExporter(exporter: SpanExporter, logger: Logger): SpanExporter {
  let told = -Infinity;
  const tell = (err: Error) => {
    const now = performance.now();
    if (now - told < TELL_EVERY_MS) return;
    told = now;
    logger.warn({ err }, "spans cannot be sent");
  };
  return {
    export(spans, callback) {
      exporter.export(spans, (result) => {
        if (result.error !== undefined) tell(result.error);
        callback(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
