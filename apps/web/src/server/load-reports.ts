import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cwd } from "node:process";
import { loadReport, type LoadReport } from "../lib/load-report.ts";

/** The reports that can be read, the youngest first, and the names of files that cannot. */
export interface LoadReports {
  readonly reports: readonly LoadReport[];
  readonly unreadable: readonly string[];
}

/** Reads every report of the workspace's load tests; none when there is no folder of them. */
export async function loadReports(): Promise<LoadReports> {
  // The server runs in `apps/web`.
  const folder = join(/* turbopackIgnore: true */ cwd(), "../../loadtest/reports");
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  } catch {
    return { reports: [], unreadable: [] };
  }
  const reports: LoadReport[] = [];
  const unreadable: string[] = [];
  for (const name of names) {
    const report = await readReport(join(folder, name));
    if (report === null) unreadable.push(name);
    else reports.push(report);
  }
  return {
    reports: reports.toSorted((a, b) => b.created_at.localeCompare(a.created_at)),
    unreadable,
  };
}

async function readReport(path: string): Promise<LoadReport | null> {
  try {
    const parsed = loadReport.safeParse(JSON.parse(await readFile(path, "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
