import { fileURLToPath } from "node:url";
import { runChild } from "./child-run.ts";
import type { OpenLoad, OpenLoadResult } from "./open-loop.ts";
import { errorCount } from "./sample.ts";

/** An {@link OpenLoad} whose bodies are the name of a file with one a line. */
export interface OfferedLoad extends Omit<OpenLoad, "bodies"> {
  readonly bodies: string;
}

/** What became of a load, and of its generator. */
export interface OfferedResult extends OpenLoadResult {
  /** Its claim on a core, such as `nice 0`, that of any process. */
  readonly priority: string;
  /** Share of a core it used. */
  readonly clientCpu: number | null;
}

/** Name of the generator for reports. */
export const OPEN_LOOP_NAME = "Sepal's open loop on node:net";

/** Share of late requests from which on a latency is the generator's, not the server's. */
export const TOO_LATE = 0.01;

const program = fileURLToPath(new URL("open-loop-process.ts", import.meta.url));

/** Offers a load from a process of its own on a core. */
export async function offerLoad(load: OfferedLoad, core: number | null): Promise<OfferedResult> {
  const child = [process.execPath, program, JSON.stringify(load)];
  const { output, cpu } = await runChild(child, core);
  const result: Omit<OfferedResult, "clientCpu"> = JSON.parse(output);
  return { ...result, clientCpu: cpu };
}

/** Share of the due requests that got no prediction. */
export function failedShare({ refused, errors, due }: OpenLoadResult): number {
  return (refused + errorCount(errors)) / Math.max(1, due);
}

/** Share of the due requests that the generator itself delayed. */
export function lateShare({ late, due }: Pick<OpenLoadResult, "late" | "due">): number {
  return late / Math.max(1, due);
}
