import type { JobStatus } from "@sepal/schema/job";
import { Counter, Gauge, type Registry } from "prom-client";

/** Counts how jobs end. */
export interface JobObserver {
  ended(status: JobStatus): void;
}

/** Declares the counter of jobs and returns what feeds it. */
export function jobMetrics(register: Registry): JobObserver {
  const ended = new Counter({
    name: "jobs_ended_total",
    help: "Jobs that a runner ended",
    labelNames: ["status"],
    registers: [register],
  });
  for (const status of ["succeeded", "failed"]) ended.inc({ status }, 0);
  return { ended: (status) => ended.inc({ status }) };
}

/** Declares the gauge of jobs that wait, which all processes read off the same store. */
export function jobsGauge(register: Registry, jobs: { queued(): Promise<number> }): void {
  new Gauge({
    name: "jobs_queued",
    help: "Jobs that wait for a runner",
    aggregator: "max",
    registers: [register],
    async collect() {
      this.set(await jobs.queued());
    },
  });
}
