import { defineExperiment } from "../experiment.ts";
import { table } from "../report/parts.ts";
import type { Verdict } from "../report/report.ts";
import { runTests } from "./run-tests.ts";

/** Outcome of one fault; `?` where it was not tried. */
export interface FaultRow {
  readonly fault: string;
  readonly promise: string;
  /** Whether the server kept its promise. */
  readonly kept: "yes" | "NO" | "?";
  /** Whether the check found fault with a server without the defence. */
  readonly twin: "yes" | "NO" | "?";
}

/** Set by `apps/api/faults/frame/fault.ts`. */
interface Meta {
  readonly fault?: {
    readonly name: string;
    readonly promise: string;
    readonly part: "kept" | "twin";
  };
}

function verdict(figure: string, outcomes: readonly FaultRow["kept"][]): Verdict {
  const yes = outcomes.filter((outcome) => outcome === "yes").length;
  const untried = outcomes.filter((outcome) => outcome === "?").length;
  return {
    figure,
    asked: `all ${outcomes.length}`,
    aim: null,
    measured: String(yes),
    verdict:
      yes === outcomes.length ? "met" : yes + untried < outcomes.length ? "missed" : "not measured",
    reason: untried === 0 ? "each was tried" : `${untried} could not be tried on this machine`,
  };
}

/** Every fault at full size: whether the promise was kept, and whether its twin broke it. */
export const faults = defineExperiment({
  name: "faults",
  script: "test:faults",
  asks: "every fault at full size: the promise kept, and broken by its twin (25 minutes)",
  options: {},
  takes: "only these test files or folders; a part of the faults writes no report",
  async run(_options, args) {
    const started = performance.now();
    // One file at a time: at full size they take what the machine has.
    const command = ["--project", "faults", "--maxWorkers=1", ...args];
    const { code, tests } = await runTests<Meta>(command, { TEST_SIZE: "full" });
    const rows = new Map<string, FaultRow>();
    for (const { status, meta } of tests) {
      if (meta.fault === undefined) continue;
      const { name, promise, part } = meta.fault;
      const row = rows.get(name) ?? { fault: name, promise, kept: "?", twin: "?" };
      rows.set(name, { ...row, [part]: status === "passed" ? "yes" : "NO" });
    }
    return {
      rows: [...rows.values()],
      runs: [],
      generators: [],
      parameters: { minutes: Math.round((performance.now() - started) / 60_000) },
      partial: args.length > 0,
      failed: code !== 0,
    };
  },
  title: () => "What goes wrong on purpose, and what Sepal promises",
  summary: () => [
    "Each fault is brought about on real processes. Beside every check runs a twin, the same server without the defence, of which the check has to find fault.",
  ],
  targets: ({ rows }) => [
    verdict(
      "promises kept",
      rows.map(({ kept }) => kept),
    ),
    verdict(
      "twins that broke theirs",
      rows.map(({ twin }) => twin),
    ),
  ],
  tables: ({ rows }) => [
    table("Faults at full size", rows, [
      ["fault", "fault", null],
      ["promise", "promise", null],
      ["kept", "kept", null],
      ["twin", "twin broke it", null],
    ]),
  ],
  charts: () => [],
});
