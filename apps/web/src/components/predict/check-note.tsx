import { numbersOf } from "@sepal/schema/prediction-reader";
import type { Prediction } from "@/lib/contract-client.ts";
import type { Check } from "@/lib/evaluator/same-bits.ts";

const WORDS = {
  unconfirmed: "Computed in this page, not yet confirmed by the server.",
  same: "Computed in this page, confirmed by the server: the same bits.",
  alone: "Computed in this page: the server does not respond.",
} as const;

function bits(prediction: Prediction): string {
  const numbers = numbersOf(prediction);
  return numbers.length > 0 ? numbers.join(", ") : "label" in prediction ? prediction.label : "";
}

/** Whether page and server compute the same; a difference is said loudly. */
export function CheckNote({ check }: { readonly check: Check }) {
  if (check.state === "none") return null;
  if (check.state !== "different") {
    return <p className="mt-1 text-xs text-muted">{WORDS[check.state]}</p>;
  }
  const { model, here, there } = check.difference;
  return (
    <p
      role="alert"
      className="mt-2 rounded-md border border-amber bg-amber/10 px-3 py-2 text-[0.8125rem]"
    >
      <strong>This page and the server differ for {model}.</strong> The page computes {bits(here)},
      the server {bits(there)}, which is shown. Reload the page to load the served model again.
    </p>
  );
}
