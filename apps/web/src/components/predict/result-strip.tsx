import type { PredictResult } from "@/lib/prediction.ts";
import { ClassMark } from "./class-mark.tsx";
import { percent } from "./probability-bars.tsx";

/** The answer in one line, in sight while a finger is on a slider of a small screen. */
export function ResultStrip({ result }: { readonly result: PredictResult }) {
  return (
    <div
      aria-hidden="true"
      className="sticky bottom-3 z-10 mt-3 flex items-center gap-2.5 rounded-full border border-rule bg-surface px-5 py-2.5 shadow-lg lg:hidden"
    >
      <ClassMark index={result.class} className="size-4" />
      <span className="font-display text-lg font-semibold">{result.label}</span>
      <span className="figures ml-auto text-muted">{percent(result.confidence)}</span>
    </div>
  );
}
