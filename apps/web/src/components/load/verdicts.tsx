import { CheckIcon, CrossIcon, WarningIcon } from "@/components/icons.tsx";
import type { LoadReport } from "@/lib/load-report.ts";
import { formatLimit } from "./format.ts";

/** A verdict's sign: met, missed, or neither. */
function Sign({ verdict }: { readonly verdict: string }) {
  if (/\bmet\b/.test(verdict)) return <CheckIcon className="mt-0.5 size-5 shrink-0 text-leaf" />;
  if (/missed|failed/.test(verdict)) {
    return <CrossIcon className="mt-0.5 size-5 shrink-0 text-rose" />;
  }
  return <WarningIcon className="mt-0.5 size-5 shrink-0 text-amber" />;
}

/** Each figure that was asked for, what came out, and why. */
export function Verdicts({ verdicts }: { readonly verdicts: LoadReport["verdicts"] }) {
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
