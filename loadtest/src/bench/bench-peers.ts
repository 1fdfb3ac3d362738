import { autocannonClient, wrkClient, type Client } from "../harness/load-generators.ts";
import type { BenchOptions } from "./bench-options.ts";
import { benchReport } from "./bench-report.ts";
import { printReport, writeReport } from "../report/render.ts";
import { keepOwnProcessOn, onPath, planPinning } from "../harness/host.ts";
import { runRounds } from "./rounds.ts";

function installedClients({ client }: BenchOptions): Client[] {
  const wrk = onPath("wrk", "--version");
  if (!wrk && client !== "autocannon") {
    console.log("wrk is not installed: autocannon alone saturates before a fast server does");
    if (client === "wrk") process.exit(2);
  }
  const clients = [...(wrk ? [wrkClient] : []), autocannonClient];
  return clients.filter(({ name }) => client === null || name === client);
}

/** Measures Sepal and its peers, prints and writes the report. */
export async function runPeerBench(options: BenchOptions, command: string): Promise<void> {
  const clients = installedClients(options);
  const pinning = planPinning();
  const runs = options.repeats * options.peers.length * options.workloads.length;
  const seconds =
    runs * (options.warmUpSeconds + options.seconds * clients.length) +
    options.repeats * options.peers.length * 5;
  console.log(`${pinning.note}; about ${Math.ceil(seconds / 60)} minutes`);
  // This process and the clients keep off the server's core.
  if (pinning.client !== null) keepOwnProcessOn(pinning.client);

  const measured = await runRounds({ options, clients, pinning });
  const report = benchReport(measured, options, clients, pinning, command);
  printReport(report);
  console.log(`\n${writeReport(report, options).join("\n")}`);
}
