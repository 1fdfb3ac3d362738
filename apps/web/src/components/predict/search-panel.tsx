"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { toFailure } from "@sepal/client/failure";
import type { Contract } from "@sepal/schema/define-contract";
import type { SearchRequest, SearchResponse } from "@sepal/schema/search";
import { contractClient } from "@/lib/contract-client.ts";
import { failureText } from "@/lib/failure.ts";
import { trpc } from "@/lib/trpc.ts";
import { useSettled } from "@/lib/use-settled.ts";
import type { ViewProps } from "./view-tabs.tsx";

const NOTE = "rounded-md border border-dashed border-edge px-4 py-3 text-sm text-muted";

async function search(
  contract: Contract,
  request: SearchRequest,
  signal: AbortSignal,
): Promise<SearchResponse["results"]> {
  try {
    const found = await contractClient(trpc, contract).search?.mutate(request, { signal });
    return found?.results ?? [];
  } catch (error) {
    throw new Error(failureText(toFailure(error)), { cause: error });
  }
}

interface ResultsProps {
  readonly results: SearchResponse["results"];
}

function Results({ results }: ResultsProps) {
  return (
    <ol className="grid">
      {results.map(({ text, score, label }) => (
        <li
          // An index has a text once a label.
          key={`${label ?? ""} ${text}`}
          className="grid grid-cols-[4.5rem_minmax(0,1fr)] gap-x-4 border-t border-rule py-2.5"
        >
          <span className="figures text-sm">
            {score.toFixed(3)}
            <span aria-hidden="true" className="mt-1 block h-1 rounded-full bg-sunken">
              <span
                className="block h-1 rounded-full bg-iris"
                style={{ width: `${Math.max(0, score) * 100}%` }}
              />
            </span>
          </span>
          <span className="min-w-0">
            <span className="line-clamp-4 text-sm leading-normal wrap-anywhere">{text}</span>
            {label !== undefined && <span className="text-xs text-muted">{label}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** The texts of the model's index that are most like this one, with the cosine of their vectors. */
export function SearchPanel({ contract, features, model }: ViewProps) {
  const text = String(useSettled(features, 250)[0] ?? "");
  const { data, error } = useQuery({
    queryKey: ["search", contract.name, model, text],
    queryFn: ({ signal }) => search(contract, { text, ...model }, signal),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  if (error !== null) return <p className={NOTE}>{error.message}</p>;
  if (data === undefined) return <p className={NOTE}>Searching.</p>;
  if (data.length === 0) return <p className={NOTE}>The model knows no word of this text.</p>;
  return (
    <section aria-label="Neighbours" className="max-w-3xl">
      <p className="mb-2 text-[0.8125rem] text-muted">
        Texts whose vectors point most nearly the same way, with the cosine: 1 is the same
        direction.
      </p>
      <Results results={data} />
    </section>
  );
}
