import { DURATION_BUCKETS } from "../apps/api/src/observability/metrics/hot-metrics.ts";
import { declaredMetrics } from "../apps/api/src/openapi/declared-metrics.ts";
import { REFUSALS, ROWS_BUCKETS } from "../apps/api/src/observability/metrics/inference-metrics.ts";
import { markdownTable, writeGenerated } from "./generated-file.ts";

/** What the labels mean. */
const LABELS: Readonly<Record<string, string>> = {
  handler:
    "template of the route, such as `/predict/:model_name`, never a client's path; `none` where there is no such route",
  method: "HTTP method",
  status: "first digit of the status, such as `2xx`; of jobs `succeeded` or `failed`",
  model: "name of the model",
  version: "version of the model",
  lane: "inference path: `single`, micro-batched; `batch`, on the main thread; `worker`, on a worker thread or in a job; `explain`, synthetic rows of an explanation",
  reason: "reason of the rejection, see the table below",
  contract: "contract of the model",
  checksum: "SHA-256 of the model's file",
  engine: "engine that runs the model: `evaluator` or `onnxruntime`",
  engine_reason: "why this engine was selected",
  feature: "name of the feature",
  result: "`hit` or `miss`",
  outcome: "`exported`, `failed`, or `dropped` because the queue was full",
  level: "quantile of the delay: `0.5`, `0.99`, or `1` for the maximum",
};

/** Settings without which a metric is not exported. */
const WITH: Readonly<Record<string, string>> = {
  cache_requests_total: "`CACHE_SIZE` above 0",
  inference_large_batches: "`INFERENCE_THREADS` above 0",
  trace_spans_total: "a collector",
  worker_restarts_total: "`WORKERS` above 1",
};

const QUESTIONS = [
  [
    "p99 latency of single predictions",
    '`histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{handler="/predict"}[5m])))`',
  ],
  [
    "Error rate",
    '`sum(rate(http_requests_total{status="5xx"}[5m])) / sum(rate(http_requests_total[5m]))`',
  ],
  [
    "Rows per execution",
    "`sum by (model) (rate(inference_rows_total[5m])) / sum by (model) (rate(inference_executions_total[5m]))`",
  ],
  ["Rejections by reason", "`sum by (reason) (rate(inference_rejections_total[5m]))`"],
  [
    "Input drift",
    "`max by (model, feature) (input_drift_psi)`: below 0.1 is small, above 0.25 large",
  ],
];

const metrics = await declaredMetrics();
const code = (texts: readonly (string | number)[]) => texts.map((text) => `\`${text}\``).join(", ");

const metricRows = metrics.map(({ name, type, labels, help }) => {
  const only = WITH[name];
  const meaning = only === undefined ? help : `${help}; only with ${only}`;
  return [`\`${name}\``, type, code(labels), meaning];
});

const used = [...new Set(metrics.flatMap(({ labels }) => labels))];
const labelRows = used.map((label) => {
  const meaning = LABELS[label];
  if (meaning === undefined)
    throw new Error(`write-metrics.ts has no description of the label ${label}`);
  return [`\`${label}\``, meaning];
});

writeGenerated(
  "docs/metrics.md",
  `# Metrics

\`GET /metrics\` returns Prometheus text; with several server processes it sums all of them, including those that have ended. The
server's own canaries are not counted. \`pnpm fix\` generates this file from the metric declarations.

${markdownTable(["Metric", "Type", "Labels", "Meaning"], metricRows)}

## Labels

${markdownTable(["Label", "Value"], labelRows)}

## Rejection reasons

${markdownTable(
  ["Reason", "Cause"],
  Object.entries(REFUSALS).map(([reason, why]) => [`\`${reason}\``, why]),
)}

## Buckets

Seconds: ${code(DURATION_BUCKETS)}. Rows: ${code(ROWS_BUCKETS)}.

## Example queries

${markdownTable(["Query", "PromQL"], QUESTIONS)}

Alert rules, dashboard and runbooks: [deploy/prometheus](../deploy/prometheus), [deploy/grafana](../deploy/grafana),
[runbooks](runbooks).
`,
);
