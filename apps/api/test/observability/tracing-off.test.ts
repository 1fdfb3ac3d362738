import { expect, test } from "vitest";
import { startApi } from "../support/api-process.ts";
import { post } from "../support/json-request.ts";
import { newTrace } from "../support/new-trace.ts";
import { preload } from "../support/preload.ts";

const GOOD = { features: [5.1, 3.5, 1.4, 0.2] };

/** Prints the packages of OpenTelemetry that a process loads. */
const TELL_IMPORTS = `import { registerHooks } from "node:module";
registerHooks({ resolve(name, context, next) {
  if (/@opentelemetry.(?:sdk|exporter|otlp|core|resources)/.test(name)) process.stderr.write(name + "\\n");
  return next(name, context);
} });`;
const { NODE_OPTIONS } = preload(TELL_IMPORTS);

test("without a collector nothing of OpenTelemetry is loaded, and the caller's trace is only repeated", async () => {
  const off = { OTEL_SDK_DISABLED: "true", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" };
  await using disabled = await startApi({ variables: { NODE_OPTIONS, ...off }, ready: false });
  expect(disabled.errors()).toBe("");
  await using api = await startApi({ variables: { NODE_OPTIONS } });
  const { traceId, headers } = newTrace();
  const reply = await post(`${api.url}/predict`, GOOD, headers);
  expect(reply.headers.get("traceparent")).toBe(headers.traceparent);
  expect((await post(`${api.url}/predict`, GOOD)).headers.get("traceparent")).toBeNull();
  const bad = { traceparent: `00-${traceId}-nonsense-01` };
  expect((await post(`${api.url}/predict`, GOOD, bad)).headers.get("traceparent")).toBeNull();
  expect(api.errors()).toBe("");
  const variables = { NODE_OPTIONS, OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" };
  await using traced = await startApi({ variables, ready: false });
  expect(traced.errors()).toContain("@opentelemetry/sdk-trace");
});
