import { readdirSync, readFileSync } from "node:fs";
import { usageOf } from "../host/process-usage.ts";
import { sumOf } from "../statistics/prometheus-text.ts";
import { scrapeMetrics } from "../servers/server-metrics.ts";

/** What a look at the server's process and its metrics shows. */
export interface Look {
  readonly residentBytes: number;
  readonly heapBytes: number;
  /** Memory of buffers and other objects outside of the heap that the heap holds. */
  readonly externalBytes: number;
  /** Open files, sockets among them. */
  readonly descriptors: number;
  readonly threads: number;
  /** Since its start. */
  readonly cpuSeconds: number;
  /** Event-loop delay in its last full 10 s, in milliseconds. */
  readonly loopP99: number;
  readonly loopMax: number;
  readonly loads: number;
}

/** Looks at a server; throws where the system does not tell about processes. */
export async function lookAt(origin: string, pid: number): Promise<Look> {
  const metrics = await scrapeMetrics(origin);
  const usage = usageOf(pid);
  if (usage === null) throw new Error("this system does not tell the memory of a process");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const loop = (level: string) =>
    sumOf(metrics, "nodejs_eventloop_delay_seconds", { level }) * 1000;
  return {
    residentBytes: usage.residentBytes,
    heapBytes: sumOf(metrics, "nodejs_heap_size_used_bytes"),
    externalBytes: sumOf(metrics, "nodejs_external_memory_bytes"),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1]),
    cpuSeconds: usage.cpuSeconds,
    loopP99: loop("0.99"),
    loopMax: loop("1"),
    loads: sumOf(metrics, "model_loads_total"),
  };
}
