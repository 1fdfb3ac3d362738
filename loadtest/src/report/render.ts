import { mkdirSync, writeFileSync } from "node:fs";
import { ROOT } from "../settings.ts";
import { formatCell } from "./format.ts";
import { report as reportSchema, type Report, type ReportTable } from "./report.ts";
import { svgReport } from "./svg.ts";

/** Reports that are committed, and shown in the README and the playground. */
const PUBLISHED = "loadtest/reports";
/** Reports of runs on this machine; ignored by git, shown in the playground. */
const LOCAL = `${PUBLISHED}/local`;

function rowOf(cells: readonly string[]): string {
  const escaped = cells.map((text) => text.replaceAll("|", "\\|").replaceAll("\n", " "));
  return `| ${escaped.join(" | ")} |`;
}

/** A Markdown table; columns of numbers are right-aligned. */
export function markdownTable({ columns, rows }: Pick<ReportTable, "columns" | "rows">): string {
  return [
    rowOf(columns.map(({ label }) => label)),
    `| ${columns.map(({ digits }) => (digits === null ? "---" : "---:")).join(" | ")} |`,
    ...rows.map((row) => rowOf(columns.map((column) => formatCell(row[column.key], column)))),
  ].join("\n");
}

const VERDICT_COLUMNS = ["figure", "asked", "aim", "measured", "verdict", "reason"].map((key) => ({
  key,
  label: key.charAt(0).toUpperCase() + key.slice(1),
  digits: null,
  spread: false,
}));

/** The whole report as Markdown, with its chart beside it. */
function markdownReport(report: Report): string {
  const { environment, parameters } = report;
  const versions = Object.entries(environment.versions).map(
    ([user, libraries]) =>
      `- ${user}: ${Object.entries(libraries)
        .map(([library, version]) => `${library} ${version}`)
        .join(", ")}`,
  );
  const sections = [
    `# ${report.title}`,
    report.summary.join(" "),
    ...(report.charts.length > 0 ? [`![${report.title}](${report.name}.svg)`] : []),
    ...(report.verdicts.length > 0
      ? ["## Verdicts", markdownTable({ columns: VERDICT_COLUMNS, rows: report.verdicts })]
      : []),
    ...report.tables.flatMap((table) => [
      `## ${table.title}`,
      ...(table.note === null ? [] : [table.note]),
      markdownTable(table),
    ]),
    ...(report.missing.length > 0
      ? ["## Missing", report.missing.map(({ name, reason }) => `- ${name}: ${reason}`).join("\n")]
      : []),
    "## Conditions",
    [
      `- Command: \`${report.command}\`, ${report.created_at}, commit ${environment.commit ?? "unknown"}`,
      `- Machine: ${environment.cpu}, ${environment.cores} cores, ${environment.memory_mb} MiB, ${environment.os}`,
      `- Node ${environment.node}; ${environment.placement}`,
      ...(environment.generators.length > 0
        ? [`- Generators: ${environment.generators.join(", ")}`]
        : []),
      ...Object.entries(parameters).map(([name, value]) => `- ${name}: ${value}`),
      ...versions,
    ].join("\n"),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

/** Prints tables, summary, verdicts and what is missing to the terminal. */
export function printReport({ tables, summary, verdicts, missing }: Report): void {
  for (const table of tables) console.log(`\n${table.title}\n${markdownTable(table)}`);
  console.log(`\n${summary.join("\n")}\n`);
  for (const { figure, asked, measured, verdict, reason } of verdicts) {
    console.log(`${verdict}: ${figure} ${measured}, asked ${asked}; ${reason}`);
  }
  for (const { name, reason } of missing) console.log(`missing: ${name}: ${reason}`);
}

/**
 * Writes `<name>.json`, `.md` and, where it has charts, `.svg`: beside the committed reports, or over the
 * committed one where it is published. Returns the paths.
 */
export function writeReport(
  given: Report,
  { publish, root = ROOT }: { readonly publish: boolean; readonly root?: string },
): string[] {
  const report = reportSchema.parse(given);
  const folder = publish ? PUBLISHED : LOCAL;
  mkdirSync(root + folder, { recursive: true });
  const files = {
    json: `${JSON.stringify(report, null, 1)}\n`,
    md: markdownReport(report),
    svg: svgReport(report),
  };
  return Object.entries(files).flatMap(([extension, text]) => {
    if (text === null) return [];
    const path = `${folder}/${report.name}.${extension}`;
    writeFileSync(root + path, text);
    return [path];
  });
}
