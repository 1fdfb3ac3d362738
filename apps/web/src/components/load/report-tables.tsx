import { cn } from "@/lib/cn.ts";
import type { ReportCell, ReportTable } from "@/lib/load-report.ts";
import { formatCell } from "./format.ts";

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
export function ReportTableView({ table }: { readonly table: ReportTable }) {
  const scrollable = { tabIndex: 0 };
  return (
    <section
      aria-label={table.title}
      {...scrollable}
      className={cn(
        "plate relative overflow-auto",
        table.rows.length > WHOLE_ROWS && "max-h-[36rem]",
      )}
    >
      {/* Outside the table, whose caption would be as wide as the table and scroll away with it. */}
      <div className="sticky left-0 px-5 pt-4 pb-2 text-sm font-medium">
        {table.title}
        {table.note && <p className="font-normal text-muted">{table.note}</p>}
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
