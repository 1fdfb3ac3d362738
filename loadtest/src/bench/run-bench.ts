import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { keepOwnProcessOn, onPath, planPinning, type Pinning } from "../harness/host.ts";
import { autocannonClient, wrkClient, type Client } from "../harness/load-generators.ts";
import { errorCount, measure, runLoad, type Sample } from "../harness/measure.ts";
import { PEERS, type Peer } from "../harness/peers.ts";
import { writeBodies } from "../harness/request-bodies.ts";
import { checkedPeer, ensurePeer } from "../harness/servers.ts";
import { printReport, writeReport } from "../report/render.ts";
import type { BenchOptions } from "./bench-options.ts";
import { benchReport, type Measured } from "./bench-report.ts";

/** Ports a peer may take, the first for HTTP. */
const PORTS_PER_PEER = 4;

interface Setup {
  readonly options: BenchOptions;
  readonly clients: readonly Client[];
  readonly pinning: Pinning;
  readonly folder: string;
}

async function visit(peer: Peer, round: number, setup: Setup, samples: Sample[]): Promise<void> {
  const { options, clients, pinning, folder } = setup;
  const port = options.firstPort + PEERS.indexOf(peer) * PORTS_PER_PEER;
  await using server = await checkedPeer(peer, port, pinning.server);
  for (const workload of options.workloads) {
    const load = {
      url: server.url + peer.endpoint(workload).path,
      bodies: writeBodies(folder, peer, workload),
      connections: workload.connections,
    };
    for (const [index, client] of clients.entries()) {
      if (index === 0) {
        // In two halves: to take 100 connections at once is work as well, and slow the first time it comes under load.
        const seconds = Math.ceil(options.warmUpSeconds / 2);
        for (const _half of [1, 2]) await runLoad(client, { ...load, seconds }, pinning.client);
      }
      const run = await measure(
        server,
        client,
        { ...load, seconds: options.seconds },
        pinning.client,
      );
      samples.push({ peer: peer.name, workload: workload.name, round, ...run });
      const failures = errorCount(run.errors);
      console.log(
        `round ${round}  ${peer.name}  ${workload.name}  ${client.name}: ` +
          `${Math.round(run.requestsPerSecond)} req/s, p99 ${run.p99?.toFixed(1) ?? "?"} ms` +
          (failures > 0 ? `, ${failures} ERRORS` : ""),
      );
    }
  }
}

/**
 * Measures every peer once a round, A B C A B C …, each time in a fresh process, so that what
 * slows the machine for a while slows all of them.
 */
async function runRounds(setup: Omit<Setup, "folder">): Promise<Measured> {
  const samples: Sample[] = [];
  const missing = new Map<string, string>();
  const folder = mkdtempSync(`${tmpdir()}/sepal-bench-`);
  try {
    for (const peer of setup.options.peers) {
      const reason = await ensurePeer(peer);
      if (reason !== null) missing.set(peer.name, reason);
    }
    for (let round = 1; round <= setup.options.repeats; round += 1) {
      for (const peer of setup.options.peers) {
        if (missing.has(peer.name)) continue;
        try {
          await visit(peer, round, { ...setup, folder }, samples);
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          missing.set(peer.name, reason);
          console.log(`round ${round}  ${peer.name}: MISSING, ${reason}`);
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { samples, missing };
}

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
export async function runBench(options: BenchOptions, command: string): Promise<void> {
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
