import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cwd } from "node:process";
import { loadReport, type LoadReport } from "../lib/load-report.ts";

/** A report of the workspace. */
export interface StoredReport {
  /** Path below the folder of reports, without `.json`. */
  readonly id: string;
  /** Whether it is of a run on this machine; the others came with Sepal. */
  readonly local: boolean;
  readonly report: LoadReport;
}

/** The reports that can be read, the latest first, and the paths of files that cannot. */
export interface LoadReports {
  readonly reports: readonly StoredReport[];
  readonly unreadable: readonly string[];
}

/** Where `pnpm loadtest` writes, unless its report is to be published. */
const LOCAL = "local";

async function pathsIn(root: string, folder: string): Promise<string[]> {
  try {
    const names = await readdir(join(root, folder));
    return names.filter((name) => name.endsWith(".json")).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

async function readReport(path: string): Promise<LoadReport | null> {
  try {
    const parsed = loadReport.safeParse(JSON.parse(await readFile(path, "utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Reads every report of the load tests in a folder, by default the workspace's; none when there is no such folder. */
export async function loadReports(root?: string): Promise<LoadReports> {
  // The server runs in `apps/web`.
  const folder = root ?? join(/* turbopackIgnore: true */ cwd(), "../../loadtest/reports");
  const reports: StoredReport[] = [];
  const unreadable: string[] = [];
  for (const path of [...(await pathsIn(folder, "")), ...(await pathsIn(folder, LOCAL))]) {
    const report = await readReport(join(folder, path));
    if (report === null) unreadable.push(path);
    else reports.push({ id: path.slice(0, -".json".length), local: path.includes("/"), report });
  }
  return {
    reports: reports.toSorted((a, b) => b.report.created_at.localeCompare(a.report.created_at)),
    unreadable,
  };
}
