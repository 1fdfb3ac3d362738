import { defineExperiment } from "../experiment.ts";
import { formatNumber } from "../report/format.ts";
import { table } from "../report/parts.ts";
import { runTests } from "./run-tests.ts";

/** Figures that `apps/api/test/rows/rows.test.ts` sets. */
interface SentRows {
  readonly seconds: number;
  /** Rows whose prediction was compared with that of their own. */
  readonly rows: number;
  /** Requests that their callers left before the response. */
  readonly left: number;
  /** Rows by the way they were sent. */
  readonly byFace: Readonly<Record<string, number>>;
}

/** Different rows over every way to send them at once: whether each caller gets its own. */
export const rows = defineExperiment({
  name: "rows",
  script: "test:rows",
  asks: "ten million different rows over every way to send them at once: whether each caller gets its own (two minutes)",
  options: { rows: [10_000_000, "rows"], seed: ["random", "seed"] },
  async run({ rows, seed }) {
    const { code, tests } = await runTests<{ readonly rows?: SentRows }>(
      ["--project", "wire", "--retry=0", "apps/api/test/rows/rows.test.ts"],
      { TEST_ROWS: String(rows), TEST_ROWS_SEED: String(seed) },
    );
    const sent = tests.find(({ meta }) => meta.rows !== undefined)?.meta.rows;
    if (sent === undefined)
      throw new Error("the test ended without figures, so there is no report");
    return { sent, runs: [], generators: [], failed: code !== 0 };
  },
  title: () => "Each caller gets its own rows",
  summary: () => [
    "Different rows of three models over every way to send them at once, under random concurrency, order and cancellation. Every prediction is compared with what the model predicts for that row in a process of its own.",
  ],
  targets: ({ sent, failed }) => [
    {
      figure: "rows with the prediction of another row, or none",
      asked: "0",
      aim: null,
      measured: failed ? "at least 1" : "0",
      verdict: failed ? "missed" : "met",
      reason: `${formatNumber(sent.rows)} rows in ${formatNumber(sent.seconds)} s, ${formatNumber(sent.left)} requests left by their callers`,
    },
  ],
  tables: ({ sent }) => [
    table(
      "Rows by the way they were sent",
      Object.entries(sent.byFace).map(([face, rows]) => ({ face, rows })),
      [
        ["face", "way", null],
        ["rows", "rows", 0],
      ],
    ),
  ],
  charts: () => [],
});
