import type { Call } from "../batching/backlog.ts";
import { type RowRunner, type RowSource, runSource } from "../batching/chunks.ts";
import { seededRandom } from "../seeded-random.ts";
import { EXECUTION_ROWS, type Attribution, type Outputs } from "./attribution.ts";

/** Most rows of one explanation: 25 ms of a forest of 50 trees. */
const MAX_ROWS = 50_000;

/** Fewest pairs of orders, however many features there are: fewer say nothing of the error. */
const LEAST_PAIRS = 16;

/** Rows of a background row and the two walks from it to the row, whose last step both share. */
function rowsOfPair(features: number): number {
  return 2 * features - 1;
}

/** How many pairs of orders one explanation takes: the same number from every background row that it uses. */
function pairCount(features: number, backgroundRows: number): number {
  const most = Math.max(LEAST_PAIRS, Math.floor(MAX_ROWS / rowsOfPair(features)));
  return most < backgroundRows ? most : most - (most % backgroundRows);
}

/** Rows that an explanation by sampling runs. */
export function samplingCost(features: number, backgroundRows: number): number {
  return 1 + pairCount(features, backgroundRows) * rowsOfPair(features);
}

/** FNV-1a over the bits of a row: the same row gets the same orders. */
function seedOf(row: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const bits of new Uint32Array(Float32Array.from(row).buffer)) {
    hash = Math.imul(hash ^ (bits & 0xffff), 0x01000193);
    hash = Math.imul(hash ^ (bits >>> 16), 0x01000193);
  }
  return hash;
}

/** An order of the features, by Fisher and Yates. */
function shuffled(features: number, random: () => number): Uint16Array {
  const order = Uint16Array.from({ length: features }, (_, index) => index);
  for (let last = features - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}

/**
 * The row itself, then for each pair of a background row and an order: the background row, with one feature after the
 * other taken from the row in that order, and the same in the reverse order; the row itself, where both end, is left out.
 */
function walkRows(
  row: readonly number[],
  starts: readonly (readonly number[])[],
  orders: readonly Uint16Array[],
): RowSource {
  const width = row.length;
  const each = rowsOfPair(width);
  return {
    count: 1 + orders.length * each,
    collate(start, end) {
      const tensor = new Float32Array((end - start) * width);
      for (let index = start; index < end; index += 1) {
        const place = (index - start) * width;
        if (index === 0) {
          tensor.set(row, place);
          continue;
        }
        const pair = Math.floor((index - 1) / each);
        const step = (index - 1) % each;
        tensor.set(starts[pair] ?? row, place);
        const order = orders[pair] ?? [];
        // Steps 1 to n-1 go forward, n to 2n-2 take the last features first.
        const taken = step < width ? step : step - width + 1;
        for (let at = 0; at < taken; at += 1) {
          const feature = order[step < width ? at : width - 1 - at] ?? 0;
          tensor[place + feature] = row[feature] ?? Number.NaN;
        }
      }
      return tensor;
    },
  };
}

/**
 * Interventional Shapley values of one row, estimated by antithetic permutations: a random order of the features and its
 * reverse for each background row used, seeded by the row. Castro et al. 2009; Mitchell et al. 2022, section 4.1.
 *
 * Base and contributions add up to the prediction, since each walk ends there.
 */
export async function explainBySampling(
  runner: RowRunner,
  { count: outputs, read, own }: Outputs,
  row: readonly number[],
  background: readonly (readonly number[])[],
  call: Call,
): Promise<Attribution> {
  const { width } = runner;
  const pairs = pairCount(width, background.length);
  const random = seededRandom(seedOf(row));
  const orders = Array.from({ length: pairs }, () => shuffled(width, random));
  const starts = orders.map((_, pair) => {
    const at = pairs < background.length ? (pair * background.length) / pairs : pair;
    return background[Math.floor(at) % background.length] ?? row;
  });
  const each = rowsOfPair(width);
  const base = new Float64Array(outputs);
  const sums = new Float64Array(width * outputs);
  const squares = new Float64Array(width * outputs);
  /** What the pair's two walks add, feature by feature. */
  const added = new Float64Array(width * outputs);
  const start = new Float64Array(outputs);
  const before = new Float64Array(outputs);
  let prediction: number[] = [];
  let computeMs = 0;
  let seen = 0;

  const add = (feature: number, output: number, value: number) => {
    const place = feature * outputs + output;
    added[place] = (added[place] ?? 0) + (value - (before[output] ?? 0)) / 2;
    before[output] = value;
  };
  const closePair = () => {
    for (let place = 0; place < added.length; place += 1) {
      const value = added[place] ?? 0;
      sums[place] = (sums[place] ?? 0) + value;
      squares[place] = (squares[place] ?? 0) + value * value;
    }
    added.fill(0);
  };

  const rows = walkRows(row, starts, orders);
  for await (const chunk of runSource(runner, rows, EXECUTION_ROWS, call)) {
    if (seen === 0) prediction = own(chunk);
    for (let index = seen === 0 ? 1 : 0; index < chunk.rows; index += 1) {
      const position = seen + index - 1;
      const order = orders[Math.floor(position / each)] ?? [];
      const step = position % each;
      for (let output = 0; output < outputs; output += 1) {
        const value = read(chunk, index, output);
        if (step === 0) {
          start[output] = value;
          before[output] = value;
          base[output] = (base[output] ?? 0) + value / pairs;
        } else if (step < width) add(order[step - 1] ?? 0, output, value);
        else {
          // The forward walk ends at the row itself, and the reverse one begins.
          if (step === width) {
            add(order[width - 1] ?? 0, output, prediction[output] ?? NaN);
            before[output] = start[output] ?? NaN;
          }
          add(order[2 * width - 1 - step] ?? 0, output, value);
        }
        if (step === each - 1) add(order[0] ?? 0, output, prediction[output] ?? NaN);
      }
      if (step === each - 1) closePair();
    }
    seen += chunk.rows;
    computeMs += chunk.ended - chunk.started;
  }

  const byFeature = (numberAt: (place: number) => number) =>
    Array.from({ length: width }, (_, feature) =>
      Array.from({ length: outputs }, (__, output) => numberAt(feature * outputs + output)),
    );
  const mean = (place: number) => (sums[place] ?? 0) / pairs;
  return {
    method: "sampled",
    outputs: prediction,
    base: [...base],
    contributions: byFeature(mean),
    standardError: byFeature((place) => {
      const variance = (squares[place] ?? 0) / pairs - mean(place) ** 2;
      return Math.sqrt(Math.max(0, variance) / (pairs - 1));
    }),
    rows: seen,
    computeMs,
  };
}
