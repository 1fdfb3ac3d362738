import type { LiveTick, RequestKind } from "./live-tick.ts";

/** Seconds between the end of one tick and the start of the next that still count as unbroken. */
const SLACK_S = 0.25;

function addCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = Object.assign(Object.create(null), a);
  for (const [key, value] of Object.entries(b)) sum[key] = (sum[key] ?? 0) + value;
  return sum;
}

function addLatency(a: LiveTick["latency"], b: LiveTick["latency"]): LiveTick["latency"] {
  const sum = { ...a };
  for (const kind of ["single", "batch", "other"] as const) {
    const [left, right] = [a[kind], b[kind]];
    const both = left?.map((count, index) => count + (right?.[index] ?? 0)) ?? right;
    if (both !== undefined) sum[kind] = both;
  }
  return sum;
}

/** Two spans of time as one: what was counted is added, of gauges the larger is kept. */
function merge(a: LiveTick, b: LiveTick): LiveTick {
  return {
    at: b.at,
    seconds: a.seconds + b.seconds,
    restarted: a.restarted || b.restarted,
    latency: addLatency(a.latency, b.latency),
    singles: addCounts(a.singles, b.singles),
    rows: addCounts(a.rows, b.rows),
    statuses: addCounts(a.statuses, b.statuses),
    executions: a.executions + b.executions,
    executedRows: a.executedRows + b.executedRows,
    queueRows: Math.max(a.queueRows, b.queueRows),
    eventLoop:
      a.eventLoop === null || b.eventLoop === null
        ? (a.eventLoop ?? b.eventLoop)
        : {
            p50: Math.max(a.eventLoop.p50, b.eventLoop.p50),
            p99: Math.max(a.eventLoop.p99, b.eventLoop.p99),
            max: Math.max(a.eventLoop.max, b.eventLoop.max),
          },
  };
}

/** All ticks as one span; `null` when there are none. */
export function mergeAll(ticks: readonly LiveTick[]): LiveTick | null {
  const [first, ...rest] = ticks;
  return first === undefined ? null : rest.reduce(merge, first);
}

/** Whether time is unaccounted for between the end of one tick and the start of the next. */
export function isGap(before: LiveTick, after: LiveTick): boolean {
  return (after.at - before.at) / 1000 - after.seconds > SLACK_S;
}

/**
 * Joins ticks (oldest first) into steps of the clock of at most `stepSeconds`; no step reaches
 * across a gap.
 */
export function mergeIntoSteps(ticks: readonly LiveTick[], stepSeconds: number): LiveTick[] {
  const steps: LiveTick[] = [];
  const stepOf = ({ at }: LiveTick) => Math.floor(at / 1000 / stepSeconds);
  for (const tick of ticks) {
    const last = steps.at(-1);
    const joins = stepSeconds > 1 && last !== undefined && stepOf(last) === stepOf(tick);
    if (joins && !isGap(last, tick)) steps[steps.length - 1] = merge(last, tick);
    else steps.push(tick);
  }
  return steps;
}

/** Requests by bucket of one kind, or of all kinds. */
export function latencyCounts(
  { latency }: LiveTick,
  kind: RequestKind | "all",
  buckets: number,
): number[] {
  const kinds: readonly RequestKind[] = kind === "all" ? ["single", "batch", "other"] : [kind];
  return Array.from({ length: buckets }, (_, index) =>
    kinds.reduce((sum: number, each) => sum + (latency[each]?.[index] ?? 0), 0),
  );
}
