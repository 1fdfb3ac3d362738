import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defineExperiment, PORT } from "./experiment.ts";
import { spread } from "./harness/statistics.ts";
import { bars, table } from "./report/parts.ts";
import { writeReport } from "./report/render.ts";
import { verdictOn } from "./report/verdicts.ts";

const TARGET = { figure: "rate", must: 5, aim: 9, better: "higher", text: String } as const;

const experiment = defineExperiment({
  name: "example",
  asks: "nothing",
  options: { duration: [10, "seconds a run"], repeats: [2, "repeats"], port: PORT },
  async run({ duration, repeats }) {
    const errors = { non2xx: 1, sockets: 0, timeouts: 0 };
    const runs = Array.from({ length: repeats }, (_, round) => ({
      round,
      rate: duration + round,
      p99: null,
      times: [1, 2],
      errors,
    }));
    return { runs, generators: ["none"], parameters: { rows: 3 } };
  },
  title: ({ duration }) => `An example of ${duration} s`,
  summary: ({ runs }) => [`${runs.length} runs.`],
  targets: ({ runs }) => [
    verdictOn(TARGET, spread(runs.map(({ rate }) => rate)), { reason: "why", distrust: null }),
  ],
  tables: ({ runs }) => [
    table("Runs", runs, [
      ["round", "round", 0],
      ["rate", "req/s", 1],
      ["p99", "p99 ms", 2],
      ["failed", "failed", 0, ({ errors }) => errors.non2xx],
    ]),
    table("All", [runs], [["rate", "req/s", 0, (all) => spread(all.map(({ rate }) => rate))]]),
  ],
  charts: ({ runs }) => [
    bars(
      "Rate",
      "req/s",
      runs.map(({ round, rate }) => ({ label: `run ${round}`, value: spread([rate]) })),
    ),
  ],
});

test("a report has the options as conditions, a cell for each column, and every run as a sample", async () => {
  const { report, partial, failed } = await experiment.measure({ duration: 7 });
  expect({ partial, failed }).toEqual({ partial: false, failed: false });
  expect(report).toMatchObject({
    name: "example",
    title: "An example of 7 s",
    command: "npx -y pnpm@12 loadtest example",
    verdicts: [{ figure: "rate", measured: "7.5 (7 to 8)", verdict: "met" }],
  });
  expect(report.parameters).toEqual({ "seconds a run": 7, repeats: 2, rows: 3 });
  const [runs, all] = report.tables;
  expect(runs?.rows).toEqual([
    { round: 0, rate: 7, p99: null, failed: 1 },
    { round: 1, rate: 8, p99: null, failed: 1 },
  ]);
  expect(runs?.columns.map(({ spread }) => spread)).toEqual([false, false, false, false]);
  expect(all?.columns[0]?.spread).toBe(true);
  expect(report.samples[0]).toEqual({
    round: 0,
    rate: 7,
    p99: null,
    non2xx: 1,
    sockets: 0,
    timeouts: 0,
  });
});

test("a run writes beside the committed reports, and over them only where it is published", async () => {
  const root = `${mkdtempSync(join(tmpdir(), "sepal-reports-"))}/`;
  try {
    const { report } = await experiment.measure({});
    const paths = ["json", "md", "svg"].map((extension) => `example.${extension}`);
    expect(writeReport(report, { publish: false, root })).toEqual(
      paths.map((path) => `loadtest/reports/local/${path}`),
    );
    expect(readdirSync(`${root}loadtest/reports`)).toEqual(["local"]);
    writeReport(report, { publish: true, root });
    expect(readdirSync(`${root}loadtest/reports`).toSorted()).toEqual([...paths, "local"]);
    const markdown = readFileSync(`${root}loadtest/reports/example.md`, "utf8");
    expect(markdown).toContain("| rate | >= 5 | >= 9 | 10.5 (10 to 11) | aim met | why |");
    expect(markdown).toContain("| 0 | 10.0 | – | 1 |");
  } finally {
    rmSync(root, { recursive: true });
  }
});
