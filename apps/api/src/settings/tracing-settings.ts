import * as z from "zod";
import { integer, oneOf } from "./setting-rules.ts";

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

/** Traces, under the names that OpenTelemetry gives its variables: settings of the API, part of `settings.ts`. */
export const tracingSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: address.optional().meta({
    description:
      "Collector that traces are sent to over OTLP/HTTP, such as `http://127.0.0.1:4318`; without it there are none. `OTEL_EXPORTER_OTLP_HEADERS`, `…_TIMEOUT`, `…_COMPRESSION`, `…_CERTIFICATE`, `…_CLIENT_KEY` and `…_CLIENT_CERTIFICATE` count as well.",
    secret: true,
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address.optional().meta({
    description: "The same as a whole address, to which no `/v1/traces` is added.",
    secret: true,
  }),
  OTEL_SERVICE_NAME: z.string().default("sepal").meta({
    description: "`service.name` of the traces; `OTEL_RESOURCE_ATTRIBUTES` adds others.",
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

const tracing = z.object(tracingSettings);

/** The settings of this part, as the server uses them. */
export type TracingSettings = z.infer<typeof tracing>;

/** Where spans are sent; `undefined` where there is no tracing. */
export function tracesUrl(settings: TracingSettings): string | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole } = settings;
  return whole ?? base?.replace(/\/?$/, "/v1/traces");
}
