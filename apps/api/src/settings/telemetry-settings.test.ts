import { expect, test } from "vitest";
import { parseSettings } from "./settings.ts";
import { otlpUrl } from "./telemetry-settings.ts";

const BASE = "http://collector:4318";
const LOCAL = "http://localhost:4318";

test.each<[Record<string, string>, string | undefined, string | undefined]>([
  [{}, undefined, undefined],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: BASE }, `${BASE}/v1/traces`, `${BASE}/v1/metrics`],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: `${BASE}/a/` }, `${BASE}/a/v1/traces`, `${BASE}/a/v1/metrics`],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${BASE}/t` }, `${BASE}/t`, undefined],
  [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${BASE}/m` }, undefined, `${BASE}/m`],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_SDK_DISABLED: "true" }, undefined, undefined],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_TRACES_EXPORTER: "none" },
    undefined,
    `${BASE}/v1/metrics`,
  ],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_METRICS_EXPORTER: "prometheus" },
    `${BASE}/v1/traces`,
    undefined,
  ],
  [{ OTEL_METRICS_EXPORTER: "otlp" }, undefined, `${LOCAL}/v1/metrics`],
  [{ OTEL_TRACES_EXPORTER: "otlp" }, `${LOCAL}/v1/traces`, undefined],
])("%j sends traces to %s and metrics to %s", (variables, traces, metrics) => {
  const settings = parseSettings(variables);
  expect(otlpUrl(settings, "traces")).toBe(traces);
  expect(otlpUrl(settings, "metrics")).toBe(metrics);
});
