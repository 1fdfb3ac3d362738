import { clsx } from "clsx";
import type {
  LoadReport,
  ReportBars,
  ReportCell,
  ReportLines,
  ReportTable,
} from "@/lib/load-report.ts";
import { CheckIcon, CrossIcon, WarningIcon } from "@/components/icons.tsx";
import { ClassMark } from "@/components/predict/class-mark.tsx";
import { formatCell, formatLimit, formatShort } from "@/lib/format.ts";
import { Race } from "./race.tsx";
import { ReportPlot } from "./report-plot.tsx";

/** A verdict's sign: met, missed, or neither. */
function Sign({ verdict }: { readonly verdict: string }) {
  if (/\bmet\b/.test(verdict)) return <CheckIcon className="mt-0.5 size-5 shrink-0 text-leaf" />;
  if (/missed|failed/.test(verdict)) {
    return <CrossIcon className="mt-0.5 size-5 shrink-0 text-rose" />;
  }
  return <WarningIcon className="mt-0.5 size-5 shrink-0 text-amber" />;
}

/** Each figure that was asked for, what came out, and why. */
function Verdicts({ verdicts }: { readonly verdicts: LoadReport["verdicts"] }) {
  if (verdicts.length === 0) return null;
  return (
    <ul aria-label="Verdicts" className="grid grid-cols-1 gap-3 md:grid-cols-2">
      {verdicts.map(({ figure, asked, measured, verdict, reason }) => (
        <li key={figure} className="plate flex gap-3 p-4">
          <Sign verdict={verdict} />
          <div className="min-w-0 text-sm wrap-anywhere">
            <p className="text-base font-medium">
              {figure}: {verdict}
            </p>
            <p>
              {measured} <span className="text-muted">against {formatLimit(asked)}</span>
            </p>
            {reason !== "" && <p className="mt-1 text-muted">{reason}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}

const FILLS = { subject: "bg-iris", reference: "bg-leaf", other: "bg-edge" } as const;

/** Values beside each other: a bar for the median, a line for the extremes, the number in words. */
function BarChart({ chart }: { readonly chart: ReportBars }) {
  const top = Math.max(...chart.bars.map(({ value }) => value?.max ?? 0), Number.MIN_VALUE);
  const share = (value: number) => `${(value / top) * 100}%`;
  return (
    <figure className="plate p-5">
      <figcaption className="mb-4 font-medium">
        {chart.title}
        {chart.unit !== "" && <span className="ml-2 text-sm text-muted">{chart.unit}</span>}
      </figcaption>
      <ul className="grid gap-2.5 text-sm">
        {chart.bars.map(({ label, role, value, note }) => (
          <li
            key={label}
            className="grid grid-cols-2 items-center gap-x-4 gap-y-1 sm:grid-cols-[13rem_1fr_11rem]"
          >
            <span className={clsx("break-words", role === "subject" && "font-semibold")}>
              {label}
            </span>
            <span className="relative col-span-2 row-start-2 h-4 rounded-xs bg-sunken sm:col-span-1 sm:row-start-auto">
              {value && (
                <>
                  <span
                    className={clsx("absolute inset-y-0 left-0 min-w-px rounded-xs", FILLS[role])}
                    style={{ width: share(value.median) }}
                  />
                  {value.max > value.min && (
                    <span
                      className="absolute top-1/2 h-0.5 min-w-px -translate-y-1/2 bg-ink"
                      style={{ left: share(value.min), width: share(value.max - value.min) }}
                    />
                  )}
                </>
              )}
            </span>
            <span className="figures text-right sm:text-left">
              {value ? formatShort(value.median) : "not measured"}{" "}
              {note !== "" && <span className="text-muted">{note}</span>}
            </span>
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** Lines over a common axis, each with a mark of its own, and named limits across. */
function LineChart({ chart }: { readonly chart: ReportLines }) {
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

/** Rows of a table that is shown whole. */
const WHOLE_ROWS = 24;

/** What a cell says; a dash is read aloud as what it means. */
function CellText({
  cell,
  digits,
}: {
  readonly cell: ReportCell | undefined;
  readonly digits: number | null;
}) {
  if (cell !== null && cell !== undefined) return formatCell(cell, digits);
  return (
    <>
      <span aria-hidden="true">–</span>
      <span className="sr-only">not measured</span>
    </>
  );
}

/** A table of a report; it scrolls by itself where it is wide, and under its head where it is long; `relative` keeps what only readers see inside. */
function ReportTableView({ table }: { readonly table: ReportTable }) {
  const scrollable = { tabIndex: 0 };
  return (
    <section
      aria-label={table.title}
      {...scrollable}
      className={clsx("plate overflow-auto", table.rows.length > WHOLE_ROWS && "max-h-[36rem]")}
    >
      {/* Outside the table, whose caption would be as wide as the table and scroll away with it. */}
      <div className="sticky left-0 px-5 pt-4 pb-2 text-sm font-medium">
        {table.title}
        {table.note && <p className="font-normal text-muted">{table.note}</p>}
        {table.rows.length > WHOLE_ROWS && (
          <p className="font-normal text-muted">{table.rows.length} rows: scroll for the rest.</p>
        )}
      </div>
      <table aria-label={table.title} className="w-full text-sm">
        <thead className="sticky top-0 bg-surface shadow-[0_1px_0_var(--color-rule)]">
          <tr className="text-left text-muted">
            {table.columns.map(({ key, label, digits }) => (
              <th
                key={key}
                scope="col"
                className={`px-3 py-2 font-medium first:pl-5 last:pr-5 ${digits === null || digits === undefined ? "" : "text-right"}`}
              >
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={JSON.stringify(row)} className="border-b border-rule last:border-0">
              {table.columns.map(({ key, digits }) => (
                <td
                  key={key}
                  className={`px-3 py-2 first:pl-5 last:pr-5 ${digits === null || digits === undefined ? "" : "figures text-right whitespace-nowrap"}`}
                >
                  <CellText cell={row[key]} digits={digits ?? null} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function text(value: unknown): string {
  if (Array.isArray(value)) return value.map(text).join(", ");
  if (value === null || value === undefined) return "unknown";
  if (typeof value === "string") return value;
  if (typeof value !== "object") return JSON.stringify(value);
  return Object.entries(value)
    .map(([key, part]) => `${key} ${text(part)}`)
    .join(", ");
}

/** Where and how a report was measured. */
function Environment({ report }: { readonly report: LoadReport }) {
  return (
    <details className="plate px-5 py-2">
      <summary className="py-3 font-medium">Measured where and how</summary>
      <dl className="mt-4 grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[9rem_minmax(0,1fr)]">
        {Object.entries({ command: report.command, ...report.environment }).map(([key, value]) => (
          <div key={key} className="contents">
            <dt className="text-muted first-letter:uppercase">{key.replaceAll("_", " ")}</dt>
            <dd className="break-words">{text(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

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
      {report.samples.length > 0 && <Race samples={report.samples} />}
      <Verdicts verdicts={report.verdicts} />
      {bars.map((chart) => (
        <BarChart key={chart.title} chart={chart} />
      ))}
      {lines.length > 0 && (
        <div className={clsx("grid grid-cols-1 gap-6", lines.length > 1 && "lg:grid-cols-2")}>
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
