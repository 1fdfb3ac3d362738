import { ContractRegistry } from "@sepal/model/repository/contract-registry";
import { Registry } from "prom-client";
import { PredictionCache } from "../response-cache/prediction-cache.ts";
import { spanCounts } from "../observability/tracing/open-tracing.ts";
import { BodyBudget } from "../http/body-budget.ts";
import { requestMetrics } from "../http/telemetry.ts";
import {
  inferenceMetrics,
  largeBatchGauge,
  modelGauges,
} from "../observability/metrics/inference-metrics.ts";
import { InputDrift } from "../observability/metrics/input-drift.ts";
import { jobMetrics, jobsGauge } from "../observability/metrics/job-metrics.ts";
import { processMetrics, workerRestarts } from "../observability/metrics/process-metrics.ts";

/** What a metric is, without its values. */
export interface DeclaredMetric {
  readonly name: string;
  /** Such as `counter`. */
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

function labelsOf(metric: object): string[] {
  const names: unknown = "labelNames" in metric ? metric.labelNames : [];
  return Array.isArray(names) ? names.map(String) : [];
}

/** Every metric that a server can have, of all features, in the order of its declaration. */
export async function declaredMetrics(): Promise<DeclaredMetric[]> {
  const register = new Registry();
  const models = { models: () => [], contracts: new ContractRegistry({}) };
  requestMetrics(register);
  new BodyBudget({ maxBytes: 0, observer: undefined, register });
  const drift = new InputDrift();
  inferenceMetrics(register, drift);
  modelGauges(register, models);
  drift.expose(register, models);
  largeBatchGauge(register, { batches: 0 });
  jobMetrics(register);
  jobsGauge(register, { queued: () => Promise.resolve(0) });
  new PredictionCache({ size: 1, register });
  spanCounts(register);
  processMetrics(register);
  workerRestarts(register);
  const types = new Map((await register.getMetricsAsJSON()).map(({ name, type }) => [name, type]));
  return register.getMetricsAsArray().map((metric) => ({
    name: metric.name,
    type: String(types.get(metric.name)),
    labels: labelsOf(metric),
    help: metric.help,
  }));
}
