import type { ReportTable } from "@/lib/load-report.ts";
import { formatCell } from "./format.ts";

/** A table of a report; it scrolls by itself where it is wide. */
export function ReportTableView({ table }: { readonly table: ReportTable }) {
  const scrollable = { tabIndex: 0 };
  return (
    <section aria-label={table.title} {...scrollable} className="plate overflow-x-auto">
      <table className="w-full text-sm">
        <caption className="px-5 pt-4 pb-2 text-left font-medium">
          {table.title}
          {table.note && <span className="block text-sm text-muted">{table.note}</span>}
        </caption>
        <thead>
          <tr className="border-b border-rule text-left text-muted">
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
