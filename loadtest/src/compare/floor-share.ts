import { onPath } from "../harness/host.ts";
import { buildReport } from "../report/build-report.ts";
import { table } from "../report/parts.ts";
import type { Report, ReportTable } from "../report/report.ts";
import {
  medianInterval,
  ratiosWithinRounds,
  spread,
  type RoundValue,
} from "../harness/statistics.ts";
import type { CompareOptions } from "./compare-options.ts";
import {
  doubts,
  reportFrame,
  CPU,
  intervalCell,
  RATE,
  reading,
  valuesOf,
} from "./compare-report.ts";
import {
  type Conditions,
  type Places,
  measurePair,
  type PairSetup,
  type RunSample,
} from "./measure-pairs.ts";
import type { Side } from "./sides.ts";

/** Something that the share of the floor may depend on, as a change of the conditions given. */
interface Variant {
  readonly name: string;
  readonly change: Partial<Conditions>;
  /** Whether Sepal, and not the floor, is started and loaded first. */
  readonly sepalFirst?: boolean;
}

const AS_GIVEN = "as given";

const VARIANTS: readonly Variant[] = [
  { name: AS_GIVEN, change: {} },
  { name: "Sepal first", change: {}, sepalFirst: true },
  { name: "one server at a time", change: { together: false } },
  { name: "after 100,000 requests", change: { requestsBefore: 100_000 } },
  { name: "output to /dev/null", change: { log: "null" } },
  { name: "output to a pipe", change: { log: "pipe" } },
  { name: "not pinned", change: { pinned: false } },
  { name: "core shared with a busy program", change: { busyCore: true } },
  { name: "loaded by wrk", change: { generator: "wrk" } },
];

/** A run and the conditions it was made under. */
interface VariantSample extends RunSample {
  readonly variant: string;
}

/**
 * Measures the floor and Sepal under each variant once a round, in another order each round, so that
 * what changes on the machine meanwhile meets all of them.
 */
export async function measureFloorShare(
  [floor, sepal]: readonly [Side, Side],
  options: CompareOptions,
  setup: Omit<PairSetup, "places">,
  placesOf: (conditions: Conditions) => Places,
): Promise<VariantSample[]> {
  const wrk = onPath("wrk", "--version");
  const variants = VARIANTS.filter(({ change }) => change.generator !== "wrk" || wrk);
  const samples: VariantSample[] = [];
  for (let round = 1; round <= options.pairs; round += 1) {
    const start = (round - 1) % variants.length;
    for (const variant of [...variants.slice(start), ...variants.slice(0, start)]) {
      console.log(`${variant.name}:`);
      const conditions = { ...setup.conditions, ...variant.change };
      const pair = { ...setup, conditions, places: placesOf(conditions) };
      const missing = new Map<string, string>();
      const order =
        variant.sepalFirst === true ? ([sepal, floor] as const) : ([floor, sepal] as const);
      const runs = await measurePair(order, round, pair, missing);
      for (const [target, reason] of missing) throw new Error(`${target}: ${reason}`);
      for (const run of runs) samples.push({ ...run, variant: variant.name });
    }
  }
  return samples;
}

/** Floor divided by Sepal for cost, Sepal divided by floor for throughput, of each round. */
function sharesOf(samples: readonly RunSample[], target: string) {
  const values = (side: Side["name"], figure: typeof CPU) =>
    valuesOf(samples, side, target, figure);
  const cpu = { floor: values("base", CPU), sepal: values("head", CPU) };
  return {
    floor: cpu.floor,
    sepal: cpu.sepal,
    cpu: ratiosWithinRounds(cpu.floor, cpu.sepal),
    rate: ratiosWithinRounds(values("head", RATE), values("base", RATE)),
  };
}

const micros = (values: readonly RoundValue[]) => spread(values.map(({ value }) => value));

function shareTable(
  samples: readonly VariantSample[],
  target: CompareOptions["targets"][number],
): ReportTable {
  const names = VARIANTS.map(({ name }) => name).filter((name) =>
    samples.some(({ variant }) => variant === name),
  );
  const numbered = (values: readonly number[]): RoundValue[] =>
    values.map((value, index) => ({ round: index + 1, value }));
  const of = (name: string) =>
    sharesOf(
      samples.filter(({ variant }) => variant === name),
      target.name,
    );
  const given = numbered(of(AS_GIVEN).cpu);
  const rows = names.map((name) => {
    const { floor, sepal, cpu, rate } = of(name);
    const change =
      name === AS_GIVEN ? null : medianInterval(ratiosWithinRounds(numbered(cpu), given));
    return {
      variant: name,
      cpu: intervalCell(medianInterval(cpu), 100),
      rate: intervalCell(medianInterval(rate), 100),
      floor: micros(floor),
      sepal: micros(sepal),
      change: intervalCell(change),
      reading: name === AS_GIVEN ? "–" : reading(change),
    };
  });
  return table(
    `${target.title}: share of the floor`,
    rows,
    [
      ["variant", "Condition", null],
      ["cpu", "CPU share %", 1],
      ["rate", "req/s share %", 1],
      ["floor", "floor µs", 1],
      ["sepal", "Sepal µs", 1],
      ["change", "change", 3],
      ["reading", "Share is", null],
    ],
    "Share: CPU a request of bare node:http divided by Sepal's, and requests a second of Sepal divided by those of bare node:http; medians with their 95 % intervals in brackets. µs: medians with extremes. The change is the CPU share divided by that of the first row, in the same round.",
  );
}

/** Builds the report of the floor's share under all variants. */
export function floorShareReport(
  samples: readonly VariantSample[],
  options: CompareOptions,
  placement: string,
  command: string,
): Report {
  return buildReport({
    name: "floor-share",
    title: "What Sepal's share of the floor depends on",
    summary: [
      "Bare node:http and Sepal under one condition after the other, once a round, in fresh processes; the condition that comes first changes from round to round.",
      ...doubts(samples),
    ],
    command,
    ...reportFrame(options, placement),
    verdicts: [],
    tables: options.targets.map((target) => shareTable(samples, target)),
    runs: samples,
  });
}
