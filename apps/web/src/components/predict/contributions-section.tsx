"use client";

import type { Contract } from "@sepal/schema/define-contract";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Target } from "@/lib/ask-models.ts";
import { explain } from "@/lib/explain.ts";
import type { FeatureField } from "@/lib/feature-range.ts";
import { useSettled } from "@/lib/use-settled.ts";
import { ContributionBars } from "./contribution-bars.tsx";

interface ContributionsSectionProps {
  readonly contract: Contract;
  readonly fields: readonly FeatureField[];
  readonly features: readonly number[];
  readonly target: Target;
}

/** What each feature added to the answer. */
export function ContributionsSection(props: ContributionsSectionProps) {
  const { contract, fields, features, target } = props;
  const settled = useSettled(features, 120);
  const { data, error } = useQuery({
    queryKey: ["explain", contract.name, target, settled],
    queryFn: ({ signal }) => explain(contract, { features: settled, ...target }, signal),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  const note = "mt-3 rounded-md border border-dashed border-edge px-4 py-3 text-muted";
  return (
    <section aria-labelledby="contributions">
      <h2 id="contributions" className="text-2xl">
        What each feature adds
      </h2>
      <p className="mt-1.5 max-w-2xl text-muted">
        Each bar is one feature’s Shapley value: what knowing it adds to a probability, over every
        order in which the features could become known. Together they lead from the average to this
        answer.
      </p>
      {error !== null && <p className={note}>{error.message}</p>}
      {error === null && data === undefined && <p className={note}>Computing.</p>}
      {error === null && data !== undefined && (
        <ContributionBars explanation={data} classes={contract.classes} fields={fields} />
      )}
    </section>
  );
}
