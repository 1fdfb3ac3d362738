import { ClassMark } from "@/components/predict/class-mark.tsx";
import type { ReportLines } from "@/lib/load-report.ts";
import { ReportPlot } from "./report-plot.tsx";

/** Lines over a common axis, each with a mark of its own, and named limits across. */
export function LineChart({ chart }: { readonly chart: ReportLines }) {
  if (chart.series.every(({ points }) => points.length === 0)) return null;
  return (
    <figure className="plate min-w-0 p-4 sm:p-5">
      <figcaption className="mb-2 font-medium">{chart.title}</figcaption>
      <ul className="mb-3 flex flex-wrap gap-x-5 gap-y-1 text-sm">
        {chart.series.map(({ name }, index) => (
          <li key={name} className="flex items-center gap-2">
            <ClassMark index={index} className="size-3" />
            {name}
          </li>
        ))}
      </ul>
      <ReportPlot chart={chart} />
    </figure>
  );
}
