import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Writes a file that follows from the code; with `--check` only reports whether it is out of date. */
export function writeGenerated(file: string, text: string): void {
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    console.error(`${file} is out of date: pnpm fix writes it`);
    process.exitCode = 1;
  }
}

/** A Markdown table whose columns line up. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
