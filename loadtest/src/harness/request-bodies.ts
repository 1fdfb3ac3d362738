import { readFileSync, writeFileSync } from "node:fs";
import { ROOT } from "../settings.ts";
import { readGoldenRows } from "./golden-rows.ts";
import type { Peer, Workload } from "./peers.ts";

/** Centimetres a row may be moved in each feature. */
const JITTER = 0.15;

/** A sequence of numbers in [0, 1) that is the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The flowers of the data set, `[150, 4]` in centimetres. */
export function irisRows(): number[][] {
  const [, ...lines] = readFileSync(`${ROOT}models/datasets/iris.csv`, "utf8").trim().split("\n");
  return lines.map((line) => line.split(",").slice(0, 4).map(Number));
}

/** `count` rows drawn from `rows` and moved a little, at two decimals and never below 0.05. */
export function jitteredRows(
  rows: readonly (readonly number[])[],
  count: number,
  random: () => number,
): number[][] {
  return Array.from({ length: count }, () => {
    const row = rows[Math.floor(random() * rows.length)] ?? [];
    return row.map((value) => {
      const moved = Math.max(0.05, value + (random() * 2 - 1) * JITTER);
      return Math.round(moved * 100) / 100;
    });
  });
}

const SEED = 42;

/** How many bodies of how many rows; the name goes into the file's. */
type Bodies = Pick<Workload, "rows" | "bodies"> & { readonly name: string };

function jitteredFlowers(random: () => number) {
  const flowers = irisRows();
  return (count: number) => jitteredRows(flowers, count, random);
}

/** Rows drawn from the data set of a model, as they stand there: categories and whole numbers are not moved. */
function drawnRows(model: string, random: () => number) {
  const known = readGoldenRows(model).get("dataset") ?? [];
  return (count: number) =>
    Array.from({ length: count }, () => known[Math.floor(random() * known.length)]?.features ?? []);
}

/** Writes the bodies of a workload as a peer wants them, one a line, the same rows for every peer. */
export function writeBodies(folder: string, peer: Peer, workload: Bodies): string {
  const random = seededRandom(SEED);
  const { format, model } = peer.endpoint(workload);
  const drawn = model === undefined ? jitteredFlowers(random) : drawnRows(model, random);
  const lines = Array.from({ length: workload.bodies }, () =>
    JSON.stringify(format.body(drawn(workload.rows))),
  );
  const file = `${folder}/${peer.name}-${workload.name}.ndjson`;
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

/** Good bodies for each bad one. */
const GOOD = 99;

/** Mistakes of clients: each is rejected with 422. */
const BAD = [
  '{"features":[5.1,3.5,1.4]}',
  '{"features":[5.1,3.5,1.4,"0.2"]}',
  '{"features":[5.1,3.5,-1.4,0.2]}',
  '{"features":[5.1,3.5,1.4,0.2],"colour":"blue"}',
];

/** Lines of good bodies in turn with one bad line in a hundred. */
export function mixed(good: readonly string[]): string[] {
  return Array.from({ length: BAD.length * (GOOD + 1) }, (_, line) => {
    const part = Math.floor(line / (GOOD + 1));
    const bad = line % (GOOD + 1) === GOOD;
    return (bad ? BAD[part] : good[(line - part) % good.length]) ?? "";
  });
}

/** Writes a file of bodies beside a file of good ones, one in a hundred bad, and returns its name. */
export function mixedBodies(file: string): string {
  const path = `${file}.mixed`;
  const good = readFileSync(file, "utf8").trimEnd().split("\n");
  writeFileSync(path, `${mixed(good).join("\n")}\n`);
  return path;
}
