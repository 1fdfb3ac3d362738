import { describeEnvironment } from "../servers/machine.ts";
import type { LoadErrors } from "../clients/load.ts";
import type { Report } from "../report/report.ts";
import { sepalVersions } from "../servers/sepal-server.ts";

type Written = Omit<Report, "format" | "created_at" | "environment" | "missing"> & {
  /** How the processes are placed on the cores. */
  readonly placement: string;
  readonly generators: readonly string[];
};

/** The report of an experiment on Sepal alone, with machine, versions and time. */
export function scenarioReport({ placement, generators, ...given }: Written): Report {
  return {
    format: 1,
    created_at: new Date().toISOString(),
    environment: describeEnvironment({
      placement,
      generators: [...generators],
      versions: { Sepal: sepalVersions() },
    }),
    missing: [],
    ...given,
  };
}

/** Columns of single values: key, label and digits after the point, null for text. */
export function plainColumns(
  columns: readonly (readonly [key: string, label: string, digits: number | null])[],
): Report["tables"][number]["columns"] {
  return columns.map(([key, label, digits]) => ({ key, label, digits, spread: false }));
}

type Sample = Report["samples"][number];

/** A run as a report keeps it, its errors beside its other values. */
export function flatSample<Run extends { readonly errors: LoadErrors }>(
  run: Run & Readonly<Record<Exclude<keyof Run, "errors">, Sample[string]>>,
): Sample {
  const { errors, ...values } = run;
  return { ...values, ...errors };
}
