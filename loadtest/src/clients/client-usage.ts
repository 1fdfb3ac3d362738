import { median } from "../statistics/statistics.ts";
import { cpuSecondsOf } from "../host/process-usage.ts";

/** Milliseconds between two looks at the client's CPU time; kernel ticks are 10 ms. */
const INTERVAL_MS = 250;

/** Watches how much of a core a client uses; `stop` gives the median share, 1 being a whole core. */
export function watchClient(pid: number): { stop: () => number | null } {
  const shares: number[] = [];
  let last = { at: performance.now(), cpu: cpuSecondsOf(pid) };
  const timer = setInterval(() => {
    const now = { at: performance.now(), cpu: cpuSecondsOf(pid) };
    if (now.cpu !== null && last.cpu !== null) {
      shares.push((now.cpu - last.cpu) / ((now.at - last.at) / 1000));
    }
    last = now;
  }, INTERVAL_MS);
  return {
    stop() {
      clearInterval(timer);
      return shares.length === 0 ? null : median(shares);
    },
  };
}
