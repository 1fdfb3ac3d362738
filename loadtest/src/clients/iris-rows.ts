import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const dataset = fileURLToPath(new URL("../../../models/datasets/iris.csv", import.meta.url));

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
  const [, ...lines] = readFileSync(dataset, "utf8").trim().split("\n");
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
