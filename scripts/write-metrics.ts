import { DURATION_BUCKETS } from "../apps/api/src/observability/metrics/hot-metrics.ts";
import { declaredMetrics } from "../apps/api/src/openapi/declared-metrics.ts";
import { REFUSALS, ROWS_BUCKETS } from "../apps/api/src/observability/metrics/inference-metrics.ts";
import { markdownTable, writeGenerated } from "./generated-file.ts";

/** What the labels mean. */
const LABELS: Readonly<Record<string, string>> = {
  handler:
    "template of the route, such as `/predict/:model_name`, never a client's path; `none` where there is no such route",
  method: "of HTTP",
  status: "first digit of the status, such as `2xx`; of jobs `succeeded` or `failed`",
  model: "name of the model",
  version: "of the model",
  lane: "the way of the rows: `single`, micro-batched; `batch`, on the main thread; `worker`, on a worker thread or of a job; `explain`, made up for an explanation",
  reason: "why work was refused, a word of the table below",
  contract: "what the model promises",
  checksum: "SHA-256 of the model's file",
  engine: "what computes the model: `evaluator` or `onnxruntime`",
  engine_reason: "why that one",
  feature: "name of the feature",
  result: "`hit` or `miss`",
  outcome: "`exported`, `failed`, or `dropped` because too many waited",
  level: "quantile of the delay: `0.5`, `0.99`, or `1` for the longest",
};

/** Metrics that are there only where something is switched on. */
const WITH: Readonly<Record<string, string>> = {
  cache_requests_total: "`CACHE_SIZE` above 0",
  inference_large_batches: "`INFERENCE_THREADS` above 0",
  trace_spans_total: "a collector",
  worker_restarts_total: "`WORKERS` above 1",
};

const QUESTIONS = [
  [
    "How long do 99 of 100 calls take?",
    '`histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{handler="/predict"}[5m])))`',
  ],
  [
    "How many fail?",
    '`sum(rate(http_requests_total{status="5xx"}[5m])) / sum(rate(http_requests_total[5m]))`',
  ],
  [
    "How many rows does batching put into one run?",
    "`sum by (model) (rate(inference_rows_total[5m])) / sum by (model) (rate(inference_executions_total[5m]))`",
  ],
  ["Why is work refused?", "`sum by (reason) (rate(inference_rejections_total[5m]))`"],
  [
    "Has the input changed?",
    "`max by (model, feature) (input_drift_psi)`: below 0.1 little, above 0.25 much",
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
  if (meaning === undefined) throw new Error(`write-metrics.ts does not say what ${label} means`);
  return [`\`${label}\``, meaning];
});

writeGenerated(
  "docs/metrics.md",
  `# Metrics

\`GET /metrics\` has them as Prometheus text; with several server processes it is the sum of all, the dead included. The
server's own canaries are not counted. \`pnpm fix\` writes this file from the code that declares the metrics.

${markdownTable(["Metric", "Type", "Labels", "Meaning"], metricRows)}

## Labels

${markdownTable(["Label", "Value"], labelRows)}

## Reasons

${markdownTable(
  ["Reason", "Refused because"],
  Object.entries(REFUSALS).map(([reason, why]) => [`\`${reason}\``, why]),
)}

## Buckets

Seconds: ${code(DURATION_BUCKETS)}. Rows: ${code(ROWS_BUCKETS)}.

## What to ask

${markdownTable(["Question", "PromQL"], QUESTIONS)}

Rules, a dashboard and runbooks: [deploy/prometheus](../deploy/prometheus), [deploy/grafana](../deploy/grafana),
[runbooks](runbooks).
`,
);
