import { formatCell } from "./format-cell.ts";
import type { Report, ReportTable } from "./report.ts";

const escape = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function rowOf(cells: readonly string[]): string {
  return `| ${cells.map(escape).join(" | ")} |`;
}

/** A Markdown table; columns of numbers stand to the right. */
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
export function markdownReport(report: Report): string {
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
