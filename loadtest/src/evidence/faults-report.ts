import type { Report, Verdict } from "../report/report.ts";
import { plainColumns, scenarioReport } from "../scenarios/scenario-report.ts";

/** What became of one fault; `?` where it was not tried. */
export interface FaultRow {
  readonly fault: string;
  readonly promise: string;
  /** Whether the server kept its promise. */
  readonly kept: "yes" | "NO" | "?";
  /** Whether the check found fault with a server without the defence. */
  readonly twin: "yes" | "NO" | "?";
}

function verdict(figure: string, answers: readonly FaultRow["kept"][]): Verdict {
  const yes = answers.filter((answer) => answer === "yes").length;
  const untried = answers.filter((answer) => answer === "?").length;
  return {
    figure,
    asked: `all ${answers.length}`,
    aim: null,
    measured: String(yes),
    verdict:
      yes === answers.length ? "met" : yes + untried < answers.length ? "missed" : "not measured",
    reason: untried === 0 ? "each was tried" : `${untried} could not be tried on this machine`,
  };
}

/** Builds the report of all faults at full size. */
export function faultsReport(rows: readonly FaultRow[], minutes: number): Report {
  return scenarioReport({
    name: "faults",
    title: "What goes wrong on purpose, and what Sepal promises",
    summary: [
      "Each fault is brought about on real processes. Beside every check runs a twin, the same server without the defence, of which the check has to find fault.",
    ],
    command: "npx -y pnpm@12 test:faults",
    parameters: { minutes: Math.round(minutes) },
    placement: "not pinned",
    generators: [],
    verdicts: [
      verdict(
        "promises kept",
        rows.map(({ kept }) => kept),
      ),
      verdict(
        "twins that broke theirs",
        rows.map(({ twin }) => twin),
      ),
    ],
    tables: [
      {
        title: "Faults at full size",
        note: null,
        columns: plainColumns([
          ["fault", "fault", null],
          ["promise", "promise", null],
          ["kept", "kept", null],
          ["twin", "twin broke it", null],
        ]),
        rows: rows.map((row) => ({ ...row })),
      },
    ],
    charts: [],
    samples: [],
  });
}
