/** Where a report stands, by the name of its experiment: groups and reports in the order they are read. */
const GROUPS = [
  {
    title: "Course",
    names: ["course", "batch-vs-singles", "sync-vs-async", "load-once", "workers", "sweep"],
  },
  { title: "Comparison", names: ["bench", "compare", "half-load", "large-batches", "file"] },
  {
    title: "Reliability",
    names: [
      "overload",
      "isolation",
      "swaps",
      "contract-swaps",
      "faults",
      "rows",
      "soak",
      "memory",
      "fresh-start",
    ],
  },
] as const;

/** What a report has to say to find its group. */
interface Grouped {
  readonly local: boolean;
  readonly report: { readonly name: string };
}

/** Reports under their headings: the course first, those of this machine behind the ones that came with Sepal. */
export function groupReports<Report extends Grouped>(
  reports: readonly Report[],
): { readonly title: string; readonly reports: readonly Report[] }[] {
  const known = new Set<string>(GROUPS.flatMap(({ names }) => names));
  const others = reports.filter(({ report }) => !known.has(report.name));
  return [
    ...GROUPS.map(({ title, names }) => ({
      title,
      reports: names.flatMap((name) =>
        reports
          .filter(({ report }) => report.name === name)
          .toSorted((a, b) => Number(a.local) - Number(b.local)),
      ),
    })),
    { title: "Other", reports: others },
  ].filter((group) => group.reports.length > 0);
}
