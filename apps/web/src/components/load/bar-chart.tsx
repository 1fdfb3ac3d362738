import { cn } from "@/lib/cn.ts";
import type { ReportBars } from "@/lib/load-report.ts";
import { formatShort } from "./format.ts";

const FILLS = { subject: "bg-iris", reference: "bg-leaf", other: "bg-edge" } as const;

/** Values beside each other: a bar for the median, a line for the extremes, the number in words. */
export function BarChart({ chart }: { readonly chart: ReportBars }) {
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
            <span className={cn("break-words", role === "subject" && "font-semibold")}>
              {label}
            </span>
            <span className="relative col-span-2 row-start-2 h-4 rounded-xs bg-sunken sm:col-span-1 sm:row-start-auto">
              {value && (
                <>
                  <span
                    className={cn("absolute inset-y-0 left-0 min-w-px rounded-xs", FILLS[role])}
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
