import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import * as z from "zod";
import type { Client } from "../harness/load-generators.ts";
import { mebibytes } from "../harness/statistics.ts";
import { ROOT } from "../settings.ts";
import type { Environment, Report } from "./report.ts";

const manifest = z.object({ version: z.string() });

/** Version of a library as a package of the workspace has it. */
export function libraryVersion(workspacePackage: string, library: string): string {
  const path = `${ROOT}${workspacePackage}/node_modules/${library}/package.json`;
  return manifest.parse(JSON.parse(readFileSync(path, "utf8"))).version;
}

/** Short commit, with `-dirty` when the files differ from it; null outside a repository. */
function commit(): string | null {
  try {
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", ROOT, ...args], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }).trim();
    const changed = git("status", "--porcelain", "--", ":!loadtest/reports") !== "";
    return git("rev-parse", "--short", "HEAD") + (changed ? "-dirty" : "");
  } catch {
    return null;
  }
}

function wrkVersion(): string {
  try {
    // wrk prints its version with its usage and ends with 1.
    execFileSync("wrk", ["--version"], { stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const output =
      error instanceof Error && "stdout" in error
        ? `${String(error.stdout)} ${"stderr" in error ? String(error.stderr) : ""}`
        : "";
    return /wrk\s+(?:debian\/)?([\d.]+)/.exec(output)?.[1] ?? "";
  }
  return "";
}

/** Name and version of a load generator. */
export function generatorName(client: Client["name"]): string {
  const version = client === "wrk" ? wrkVersion() : libraryVersion("loadtest", client);
  return `${client} ${version}`.trim();
}

/** The machine and the software, without a host name or a path. */
function describeEnvironment(
  given: Pick<Environment, "placement" | "generators" | "versions">,
): Environment {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memory_mb: Math.round(mebibytes(totalmem())),
    os: `${type()} ${release()}`,
    node: process.version,
    ...given,
    commit: commit(),
  };
}

/** Libraries of Sepal for a report. */
export function sepalVersions(): Record<string, string> {
  const names = ["fastify", "@trpc/server", "zod", "pino", "prom-client"];
  return Object.fromEntries(names.map((name) => [name, libraryVersion("apps/api", name)]));
}

/** The run as a report keeps it: its texts and numbers, and its errors by kind. */
function sampleOf(run: object): Report["samples"][number] {
  const entries = Object.entries(run).flatMap(([key, value]) =>
    key === "errors" && typeof value === "object" ? Object.entries(Object(value)) : [[key, value]],
  );
  return Object.fromEntries(
    entries.filter(([, value]) => value === null || /^(?:string|number)$/.test(typeof value)),
  );
}

interface Content
  extends
    Pick<Report, "name" | "title" | "summary" | "command" | "parameters" | "verdicts" | "tables">,
    Pick<Environment, "placement" | "generators" | "versions"> {
  readonly charts?: Report["charts"];
  readonly missing?: ReadonlyMap<string, string>;
  /** Every single run behind the tables; they become the samples. */
  readonly runs: readonly object[];
}

/** A report of what was measured just now, with the machine and the software. */
export function buildReport({
  placement,
  generators,
  versions,
  charts = [],
  missing = new Map(),
  runs,
  ...content
}: Content): Report {
  return {
    format: 1,
    ...content,
    created_at: new Date().toISOString(),
    environment: describeEnvironment({ placement, generators, versions }),
    charts,
    missing: [...missing].map(([name, reason]) => ({ name, reason })),
    samples: runs.map(sampleOf),
  };
}
