import { mkdirSync, writeFileSync } from "node:fs";
import { ROOT } from "../root.ts";
import { markdownReport } from "./markdown.ts";
import { report as reportSchema, type Report } from "./report.ts";
import { svgReport } from "./svg-report.ts";

/** Writes `<name>.json`, `.md` and `.svg` under `loadtest/reports/` and gives their paths. */
export function writeReport(given: Report): string[] {
  const report = reportSchema.parse(given);
  const folder = "loadtest/reports";
  mkdirSync(ROOT + folder, { recursive: true });
  const files = {
    json: `${JSON.stringify(report, null, 1)}\n`,
    md: markdownReport(report),
    svg: svgReport(report),
  };
  return Object.entries(files).flatMap(([extension, text]) => {
    if (text === null) return [];
    const path = `${folder}/${report.name}.${extension}`;
    writeFileSync(ROOT + path, text);
    return [path];
  });
}
