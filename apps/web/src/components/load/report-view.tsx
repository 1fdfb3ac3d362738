import { cn } from "@/lib/cn.ts";
import type { LoadReport } from "@/lib/load-report.ts";
import { BarChart } from "./bar-chart.tsx";
import { Environment } from "./environment.tsx";
import { LineChart } from "./line-chart.tsx";
import { ReportTableView } from "./report-tables.tsx";
import { Verdicts } from "./verdicts.tsx";

/** One report, from what it found to how it was measured. */
export function ReportView({ report }: { readonly report: LoadReport }) {
  const bars = report.charts.filter((chart) => chart.kind === "bars");
  const lines = report.charts.filter((chart) => chart.kind === "lines");
  return (
    <article aria-labelledby="report" className="grid grid-cols-1 gap-6">
      <header>
        <h2 id="report" className="text-2xl">
          {report.title}
        </h2>
        <p className="figures mt-1 flex flex-wrap gap-x-3 text-sm text-muted">
          <span>{report.created_at.slice(0, 16).replace("T", " ")} UTC</span>
          {report.command !== "" && <code className="break-all">{report.command}</code>}
        </p>
        {report.summary.length > 0 && (
          <ul className="mt-3 grid max-w-3xl gap-1.5">
            {report.summary.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
      </header>
      <Verdicts verdicts={report.verdicts} />
      {bars.map((chart) => (
        <BarChart key={chart.title} chart={chart} />
      ))}
      {lines.length > 0 && (
        <div className={cn("grid grid-cols-1 gap-6", lines.length > 1 && "lg:grid-cols-2")}>
          {lines.map((chart) => (
            <LineChart key={chart.title} chart={chart} />
          ))}
        </div>
      )}
      {report.tables.map((table) => (
        <ReportTableView key={table.title} table={table} />
      ))}
      {report.missing.length > 0 && (
        <section aria-label="Not measured" className="text-sm">
          <h3 className="font-medium">Not measured</h3>
          <ul className="mt-1 text-muted">
            {report.missing.map(({ name, reason }) => (
              <li key={name}>
                {name}: {reason}
              </li>
            ))}
          </ul>
        </section>
      )}
      <Environment report={report} />
    </article>
  );
}
