import { mkdirSync, writeFileSync } from "node:fs";
import { ROOT } from "../root.ts";
import { markdownReport } from "./markdown.ts";
import { report as reportSchema, type Report } from "./report.ts";
import { svgReport } from "./svg-report.ts";

/** Committed reports, which the README and the playground quote. */
export const COMMITTED_REPORTS = "loadtest/reports";
/** Reports of runs that are not to be committed; Git ignores the folder. */
export const OWN_REPORTS = "loadtest/reports/own";

/** Writes `<name>.json`, `.md` and `.svg` and returns their paths from the root of the repository. */
export function writeReport(given: Report, folder: string = COMMITTED_REPORTS): string[] {
  const report = reportSchema.parse(given);
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
