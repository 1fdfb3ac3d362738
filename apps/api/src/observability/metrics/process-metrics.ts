import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, type Registry } from "prom-client";

/** Event-loop delay is sampled this often, in milliseconds. */
const RESOLUTION_MS = 10;

/** Window of the event-loop delay, in milliseconds: reading it changes nothing for other readers. */
const WINDOW_MS = 10_000;

/** Follows the event loop; gives how to read the quantiles of its delay, in seconds. */
function eventLoopDelay() {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  // The monitor counts its own sampling interval in.
  const seconds = (nanoseconds: number) =>
    Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1e3) : 0;
  const read = () =>
    [
      ["0.5", seconds(monitor.percentile(50))],
      ["0.99", seconds(monitor.percentile(99))],
      ["1", seconds(monitor.max)],
    ] as const;
  let full: ReturnType<typeof read> | undefined;
  setInterval(() => {
    full = read();
    monitor.reset();
  }, WINDOW_MS).unref();
  return () => full ?? read();
}

/** Declares gauges of file descriptors, where the system has `/proc`. */
function fileDescriptors(registers: Registry[]): void {
  if (!existsSync("/proc/self/fd")) return;
  new Gauge({
    name: "process_open_fds",
    help: "Open file descriptors",
    registers,
    async collect() {
      // The reading itself has one open.
      this.set((await readdir("/proc/self/fd")).length - 1);
    },
  });
  new Gauge({
    name: "process_max_fds",
    help: "Limit of open file descriptors",
    registers,
    async collect() {
      const limits = await readFile("/proc/self/limits", "utf8");
      this.set(Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity));
    },
  });
}

/** Declares metrics of the process; prom-client's own set has names that promtool refuses. */
export function processMetrics(register: Registry): void {
  const registers = [register];
  const started = Math.round(performance.timeOrigin) / 1000;
  new Gauge({
    name: "process_start_time_seconds",
    help: "Start of the process since the Unix epoch",
    aggregator: "min",
    registers,
    collect() {
      this.set(started);
    },
  });
  new Counter({
    name: "process_cpu_seconds_total",
    help: "CPU time of all threads, in user mode and in the system",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  fileDescriptors(registers);
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: "nodejs_heap_size_used_bytes",
    help: "Heap in use",
    registers,
    collect() {
      this.set(process.memoryUsage().heapUsed);
    },
  });
  new Gauge({
    name: "nodejs_external_memory_bytes",
    help: "Memory outside of the heap that objects of the heap hold, such as buffers",
    registers,
    collect() {
      this.set(process.memoryUsage().external);
    },
  });
  const delay = eventLoopDelay();
  new Gauge({
    name: "nodejs_eventloop_delay_seconds",
    help: `Delay of the event loop in the last full ${WINDOW_MS / 1000} s, at first since the start`,
    // Not `quantile`, which only summaries may have.
    labelNames: ["level"],
    aggregator: "max",
    registers,
    collect() {
      for (const [level, seconds] of delay()) this.set({ level }, seconds);
    },
  });
}

/** Declares the counter of server processes that were replaced, which the primary keeps. */
export function workerRestarts(register: Registry): Counter {
  return new Counter({
    name: "worker_restarts_total",
    help: "Server processes started in place of dead ones",
    registers: [register],
  });
}
