import { writeFileSync } from "node:fs";
import { irisRows, jitteredRows, seededRandom } from "../clients/iris-rows.ts";
import type { Peer } from "./peers.ts";
import type { Workload } from "./workloads.ts";

const SEED = 42;

/** How many bodies of how many rows; the name goes into the file's. */
type Bodies = Pick<Workload, "rows" | "bodies"> & { readonly name: string };

/** Writes the bodies of a workload as a peer wants them, one a line, the same rows for every peer. */
export function writeBodies(folder: string, peer: Peer, workload: Bodies): string {
  const random = seededRandom(SEED);
  const flowers = irisRows();
  const { format } = peer.endpoint(workload);
  const lines = Array.from({ length: workload.bodies }, () =>
    JSON.stringify(format.body(jitteredRows(flowers, workload.rows, random))),
  );
  const file = `${folder}/${peer.name}-${workload.name}.ndjson`;
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}
