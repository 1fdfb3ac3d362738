import { formatNumber } from "../report/format-cell.ts";
import type { Report } from "../report/report.ts";
import { plainColumns, scenarioReport } from "../scenarios/scenario-report.ts";

/** What a run of rows asked and got. */
export interface AskedRows {
  readonly seed: number;
  readonly seconds: number;
  /** Rows whose answer was held against its row. */
  readonly rows: number;
  /** Requests that their callers left before the answer. */
  readonly left: number;
  /** Rows by the way they were asked. */
  readonly byFace: Readonly<Record<string, number>>;
}

/** Builds the report of many different rows in every way at once. */
export function rowsReport(asked: AskedRows, wanted: number, passed: boolean): Report {
  const count = formatNumber(asked.rows, 0);
  return scenarioReport({
    name: "rows",
    title: "Each caller gets its own rows",
    summary: [
      "Different rows of three models over every way of asking at once, under random concurrency, order and cancellation. Every answer is held against what the model says of that row in a process of its own.",
    ],
    command: `npx -y pnpm@12 test:rows --rows ${wanted} --seed ${asked.seed}`,
    parameters: { rows: wanted, seed: asked.seed },
    placement: "not pinned",
    generators: [],
    verdicts: [
      {
        figure: "rows with the answer of another row, or none",
        asked: "0",
        aim: null,
        measured: passed ? "0" : "at least 1",
        verdict: passed ? "met" : "missed",
        reason: `${count} rows in ${formatNumber(asked.seconds, 0)} s, ${formatNumber(asked.left, 0)} requests left by their callers`,
      },
    ],
    tables: [
      {
        title: "Rows by the way they were asked",
        note: null,
        columns: plainColumns([
          ["face", "way", null],
          ["rows", "rows", 0],
        ]),
        rows: Object.entries(asked.byFace).map(([face, rows]) => ({ face, rows })),
      },
    ],
    charts: [],
    samples: [],
  });
}
