import { port, wholeNumber, type Command } from "@sepal/command-line";
import { PEERS, WORKLOADS, type Peer, type Workload } from "../harness/peers.ts";
import { namesOf } from "../options.ts";

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

/** Options of the benchmark as they were given. */
export interface BenchGiven {
  readonly quick?: true;
  readonly only?: readonly Peer[];
  readonly workloads?: readonly Workload[];
  readonly client?: "autocannon" | "wrk";
  readonly repeats?: number;
  readonly port: number;
  readonly duration?: number;
  readonly warmUp?: number;
  readonly publish?: true;
}

const listed = (all: readonly { readonly name: string }[]) =>
  all.map(({ name }) => name).join(", ");

/** Adds the options of the benchmark alone. */
export function addBenchOptions(command: Command): Command {
  return command
    .option("--quick", "2 repeats, 2 s a run, 1 s of warm-up: about ten minutes")
    .option("--only <names>", `servers: ${listed(PEERS)} (default: all)`, namesOf(PEERS))
    .option("--workloads <names>", `${listed(WORKLOADS)} (default: all)`, namesOf(WORKLOADS))
    .addOption(
      command
        .createOption("--client <name>", "load generator (default: all that are installed)")
        .choices(["autocannon", "wrk"]),
    )
    .option("--repeats <n>", "rounds (default: 5)", wholeNumber())
    .option("--port <n>", "port of the first server", port, 18_300);
}

/** What the benchmark does with the options given. */
export function benchOptions(given: BenchGiven): BenchOptions {
  const quick = given.quick ?? false;
  return {
    peers: given.only ?? PEERS,
    workloads: given.workloads ?? WORKLOADS,
    client: given.client ?? null,
    repeats: given.repeats ?? (quick ? 2 : 5),
    seconds: given.duration ?? (quick ? 2 : 5),
    warmUpSeconds: given.warmUp ?? (quick ? 1 : 2),
    firstPort: given.port,
    publish: given.publish ?? false,
  };
}
