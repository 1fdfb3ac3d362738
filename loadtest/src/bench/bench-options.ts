import { parseArgs } from "node:util";
import { PEERS, WORKLOADS, type Peer, type Workload } from "../harness/peers.ts";

/** What a run of the benchmark does. */
export interface BenchOptions {
  readonly peers: readonly Peer[];
  readonly workloads: readonly Workload[];
  /** Null for every generator that is installed. */
  readonly client: "autocannon" | "wrk" | null;
  readonly repeats: number;
  /** Seconds of one measured run, and of the warm-up before the first. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly firstPort: number;
  /** Whether to write over the committed report. */
  readonly publish: boolean;
}

/** How to call the benchmark. */
export const USAGE = `pnpm bench [--quick] [--only floor,sepal-rest] [--workloads single,batch-100]
           [--client autocannon|wrk] [--repeats 5] [--duration 5] [--warm-up 2] [--port 18300] [--publish]
servers:   ${PEERS.map(({ name }) => name).join(", ")}
workloads: ${WORKLOADS.map(({ name }) => name).join(", ")}
The report is written to loadtest/reports/local/, with --publish over the committed one in loadtest/reports/.`;

function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  names: string | undefined,
): readonly T[] {
  if (names === undefined) return all;
  return names.split(",").map((name) => {
    const found = all.find((item) => item.name === name.trim());
    if (found === undefined) throw new Error(`there is no "${name}"`);
    return found;
  });
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} is a whole number above 0`);
  return value;
}

/** Reads the command line; throws with what is wrong with it. */
export function readBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      workloads: { type: "string" },
      client: { type: "string" },
      repeats: { type: "string" },
      duration: { type: "string" },
      "warm-up": { type: "string" },
      port: { type: "string" },
      publish: { type: "boolean", default: false },
    },
  });
  const { client = null, quick } = values;
  if (client !== null && client !== "autocannon" && client !== "wrk") {
    throw new Error(`there is no client "${client}"`);
  }
  return {
    peers: chosen(PEERS, values.only),
    workloads: chosen(WORKLOADS, values.workloads),
    client,
    repeats: positive("--repeats", values.repeats, quick ? 2 : 5),
    seconds: positive("--duration", values.duration, quick ? 2 : 5),
    warmUpSeconds: positive("--warm-up", values["warm-up"], quick ? 1 : 2),
    firstPort: positive("--port", values.port, 18_300),
    publish: values.publish,
  };
}
