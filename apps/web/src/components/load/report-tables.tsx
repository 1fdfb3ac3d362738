import { cn } from "@/lib/cn.ts";
import type { ReportTable } from "@/lib/load-report.ts";
import { formatCell } from "./format.ts";

/** Rows of a table that is shown whole. */
const WHOLE_ROWS = 24;

/** A table of a report; it scrolls by itself where it is wide, and under its head where it is long. */
export function ReportTableView({ table }: { readonly table: ReportTable }) {
  const scrollable = { tabIndex: 0 };
  return (
    <section
      aria-label={table.title}
      {...scrollable}
      className={cn("plate overflow-auto", table.rows.length > WHOLE_ROWS && "max-h-[36rem]")}
    >
      <table className="w-full text-sm">
        <caption className="px-5 pt-4 pb-2 text-left font-medium">
          {table.title}
          {table.note && <span className="block text-sm text-muted">{table.note}</span>}
        </caption>
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
                  {formatCell(row[key], digits ?? null)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
