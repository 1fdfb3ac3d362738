import { ROOT_CONTEXT, SpanKind, trace, TraceFlags } from "@opentelemetry/api";
import { SamplingDecision } from "@opentelemetry/sdk-trace";
import { expect, test } from "vitest";
import { parseSettings } from "../../settings/settings.ts";
import { samplerOf } from "./open-tracing.ts";

/** One id a quarter of the way through all of them, as the ratio sees them. */
const TRACE_ID = `40000000${"0".repeat(24)}`;

function keeps(variables: Record<string, string>, parent?: "kept" | "dropped"): boolean {
  const context =
    parent === undefined
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, {
          traceId: TRACE_ID,
          spanId: "b7ad6b7169203331",
          isRemote: true,
          traceFlags: parent === "kept" ? TraceFlags.SAMPLED : TraceFlags.NONE,
        });
  const sampler = samplerOf(parseSettings(variables));
  const { decision } = sampler.shouldSample(context, TRACE_ID, "n", SpanKind.SERVER, {}, []);
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}

test.each([
  [{}, true, true, false],
  [{ OTEL_TRACES_SAMPLER_ARG: "0" }, false, true, false],
  [{ OTEL_TRACES_SAMPLER_ARG: "0.2" }, false, true, false],
  [{ OTEL_TRACES_SAMPLER_ARG: "0.3" }, true, true, false],
  [
    { OTEL_TRACES_SAMPLER: "parentbased_always_on", OTEL_TRACES_SAMPLER_ARG: "0" },
    true,
    true,
    false,
  ],
  [{ OTEL_TRACES_SAMPLER: "parentbased_always_off" }, false, true, false],
  [{ OTEL_TRACES_SAMPLER: "always_on" }, true, true, true],
  [{ OTEL_TRACES_SAMPLER: "always_off" }, false, false, false],
  [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.2" }, false, false, false],
])(
  "%j keeps a trace of its own: %s, of a kept parent: %s, of a dropped one: %s",
  (variables, own, kept, dropped) => {
    expect([keeps(variables), keeps(variables, "kept"), keeps(variables, "dropped")]).toEqual([
      own,
      kept,
      dropped,
    ]);
  },
);
