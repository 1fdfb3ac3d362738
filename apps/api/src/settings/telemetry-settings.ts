import * as z from "zod";
import { boolean, integer, oneOf } from "./setting-rules.ts";

const SAMPLERS = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

const address = z.url({ protocol: /^https?$/, error: "must be an http or https address" });

const RATIO = "must be a number from 0 to 1";

const ratio = z
  .string()
  .trim()
  .regex(/^(?:0?\.\d+|[01](?:\.0*)?)$/, RATIO)
  .transform(Number);

/** Traces and metrics for a collector, under the names that OpenTelemetry gives its variables: settings of the API, part of `settings.ts`. */
export const telemetrySettings = {
  OTEL_SDK_DISABLED: boolean.default(false).meta({
    description: "`true` sends neither traces nor metrics, whatever else is set.",
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: address.optional().meta({
    description:
      "Collector that traces and metrics are sent to over OTLP/HTTP with JSON, such as `http://127.0.0.1:4318`. `OTEL_EXPORTER_OTLP_HEADERS`, `…_TIMEOUT`, `…_COMPRESSION`, `…_CERTIFICATE`, `…_CLIENT_KEY` and `…_CLIENT_CERTIFICATE` apply as well, and those of one signal (`OTEL_EXPORTER_OTLP_TRACES_HEADERS`).",
    secret: true,
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address.optional().meta({
    description: "The same for traces, as a whole address to which no `/v1/traces` is added.",
    secret: true,
  }),
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: address.optional().meta({
    description: "The same for metrics, as a whole address to which no `/v1/metrics` is added.",
    secret: true,
  }),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(["http/json", "http/protobuf", "grpc"]).optional().meta({
    description:
      "Accepted because platforms set it: Sepal speaks `http/json`, which collectors take on the port of `http/protobuf`; another value is a warning at start.",
    default: "`http/json`",
  }),
  OTEL_TRACES_EXPORTER: oneOf(["otlp", "none"]).optional().meta({
    description:
      "Whether traces are sent; `otlp` without an endpoint sends to `http://localhost:4318`.",
    default: "`otlp` where traces have an endpoint, else `none`",
  }),
  OTEL_METRICS_EXPORTER: oneOf(["otlp", "prometheus", "none"]).optional().meta({
    description:
      "Whether metrics are sent, those of `/metrics`; `otlp` without an endpoint sends to `http://localhost:4318`, `prometheus` leaves it at `/metrics`.",
    default: "`otlp` where metrics have an endpoint, else `none`",
  }),
  OTEL_METRIC_EXPORT_INTERVAL: integer(100, 3_600_000)
    .default(60_000)
    .meta({ description: "Interval between two exports of the metrics, in milliseconds." }),
  OTEL_METRIC_EXPORT_TIMEOUT: integer(100, 3_600_000).default(30_000).meta({
    description: "Time limit of an export of the metrics, in milliseconds; at most the interval.",
  }),
  OTEL_SERVICE_NAME: z.string().optional().meta({
    description: "`service.name` of traces and metrics; `OTEL_RESOURCE_ATTRIBUTES` adds others.",
    default: "`service.name` of `OTEL_RESOURCE_ATTRIBUTES`, else `sepal`",
  }),
  OTEL_TRACES_SAMPLER: oneOf(SAMPLERS).default("parentbased_traceidratio").meta({
    description: "Which traces are recorded; parent-based samplers follow the caller's decision.",
  }),
  OTEL_TRACES_SAMPLER_ARG: ratio
    .default(1)
    .meta({ description: "Share of the traces that a ratio keeps.", rule: "a number from 0 to 1" }),
  OTEL_BSP_SCHEDULE_DELAY: integer(1, 600_000)
    .default(5000)
    .meta({ description: "How long a span waits to be sent at most, in milliseconds." }),
  OTEL_BSP_MAX_QUEUE_SIZE: integer(1, 1_000_000)
    .default(2048)
    .meta({ description: "Most spans that wait; further ones are dropped and counted." }),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: integer(1, 65_536)
    .default(512)
    .meta({ description: "Most spans sent at once; the event loop holds still to write them." }),
};

const telemetry = z.object(telemetrySettings);

/** The settings of this part, as the server uses them. */
export type TelemetrySettings = z.infer<typeof telemetry>;

/** Where the specification has collectors listen. */
const DEFAULT_ENDPOINT = "http://localhost:4318";

/** Where traces or metrics are sent; `undefined` where they are not. */
export function otlpUrl(
  settings: TelemetrySettings,
  signal: "traces" | "metrics",
): string | undefined {
  const traces = signal === "traces";
  const exporter = traces ? settings.OTEL_TRACES_EXPORTER : settings.OTEL_METRICS_EXPORTER;
  const whole = traces
    ? settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
    : settings.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT;
  if (settings.OTEL_SDK_DISABLED || (exporter !== undefined && exporter !== "otlp")) {
    return undefined;
  }
  const fallback = exporter === "otlp" ? DEFAULT_ENDPOINT : undefined;
  const base = settings.OTEL_EXPORTER_OTLP_ENDPOINT ?? fallback;
  return whole ?? base?.replace(/\/?$/, `/v1/${signal}`);
}
