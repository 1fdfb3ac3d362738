import type { Attributes } from "@opentelemetry/api";
import type { Served } from "../served.ts";

/** A span that is over, on the clock of `performance.now()`. */
interface Passed {
  readonly from: number;
  readonly to: number;
  readonly attributes: Attributes;
}

/** Tells the spans `queue`, the wait of the rows, and `inference`, the runs of the model in sum; none where nothing ran. */
export function traceInference(
  served: Served | undefined,
  tell: (name: "queue" | "inference", span: Passed) => void,
): void {
  const { startedAt, queueMs = 0, computeMs = 0, model, version, rows } = served ?? {};
  if (startedAt === undefined || startedAt === 0) return;
  const attributes = { "sepal.model": model, "sepal.model_version": version, "sepal.rows": rows };
  const queued = served?.queuedAt ?? startedAt - queueMs;
  tell("queue", { from: queued, to: queued + queueMs, attributes });
  tell("inference", { from: startedAt, to: startedAt + computeMs, attributes });
}
