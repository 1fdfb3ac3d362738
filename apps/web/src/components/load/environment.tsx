import type { LoadReport } from "@/lib/load-report.ts";

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
export function Environment({ report }: { readonly report: LoadReport }) {
  return (
    <details className="plate p-5">
      <summary className="font-medium">Measured where and how</summary>
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
