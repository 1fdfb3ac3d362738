"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { toFailure } from "@sepal/client/failure";
import type { Contract } from "@sepal/schema/define-contract";
import type { Target } from "@/lib/ask-models.ts";
import type { FeatureField } from "@/lib/feature-range.ts";
import { useSettled } from "@/lib/use-settled.ts";
import { type Step, waterfall, waterfallBounds } from "@/lib/waterfall.ts";
import { contractClient, type Explanation } from "@/lib/contract-client.ts";
import { failureText } from "@/lib/failure.ts";
import { trpc } from "@/lib/trpc.ts";
import { ClassMark } from "./class-mark.tsx";
import { percent } from "./probability-bars.tsx";

/** Asks what each feature added to a row's answer; rejects with what went wrong in words. */
async function explain(
  contract: Contract,
  request: Target & { readonly features: readonly number[] },
  signal: AbortSignal,
): Promise<Explanation> {
  try {
    return await contractClient(trpc, contract).explain.mutate(request, { signal });
  } catch (error) {
    throw new Error(failureText(toFailure(error)), { cause: error });
  }
}

const ROW = "grid grid-cols-[minmax(6.25rem,24%)_1fr_4.25rem] items-center gap-x-3";
const TICKS = [0, 0.5, 1];

interface ContributionPanelProps {
  readonly index: number;
  readonly label: string;
  readonly base: number;
  readonly proba: number;
  readonly likeliest: boolean;
  /** Labels of the features. */
  readonly names: readonly string[];
  /** What each feature adds, as a share. */
  readonly added: readonly number[];
  readonly steps: readonly Step[];
  /** Ends of the axis. */
  readonly bounds: Step;
}

function signed(value: number): string {
  const text = percent(Math.abs(value));
  if (text === percent(0)) return text;
  return `${value < 0 ? "−" : "+"}${text}`;
}

/** How the features lead from a class's average probability to the one of this answer. */
function ContributionPanel(props: ContributionPanelProps) {
  const { index, label, base, proba, likeliest, names, added, steps, bounds } = props;
  const place = (share: number) => `${((share - bounds.from) / (bounds.to - bounds.from)) * 100}%`;
  return (
    <figure className="plate min-w-0 p-4 text-sm">
      <figcaption className="flex items-baseline justify-between gap-3">
        <span className={clsx("flex items-center gap-2", likeliest && "font-semibold")}>
          <ClassMark index={index} className="self-center" />
          {label}
        </span>
        <span className="figures text-muted">
          {percent(base)} <span aria-hidden="true">→</span>
          <span className="sr-only">on average, here</span>{" "}
          <span className={clsx("text-ink", likeliest && "font-semibold")}>{percent(proba)}</span>
        </span>
      </figcaption>
      <div className="relative mt-3">
        <div aria-hidden="true" className={clsx(ROW, "pointer-events-none absolute inset-0")}>
          <span className="relative col-start-2 h-full">
            {TICKS.map((tick) => (
              <span
                key={tick}
                className="absolute inset-y-0 w-px bg-rule"
                style={{ left: place(tick) }}
              />
            ))}
            <span
              className="absolute inset-y-0 border-l border-dashed border-ink"
              style={{ left: place(base) }}
            />
            <span
              className="absolute inset-y-0 -ml-px border-l-2 border-ink"
              style={{ left: place(proba) }}
            />
          </span>
        </div>
        <ul aria-label={`Contributions to ${label}`} className="relative grid">
          {names.map((name, feature) => {
            const { from, to } = steps[feature] ?? { from: 0, to: 0 };
            const value = added[feature] ?? 0;
            return (
              <li key={name} className={clsx(ROW, "h-9")}>
                <span title={name} className="line-clamp-2 leading-4 wrap-anywhere">
                  {name}
                </span>
                <span className="relative h-4">
                  <span
                    className={clsx(
                      "absolute inset-y-0 min-w-0.5 rounded-xs",
                      value < 0 ? "bg-rose" : "bg-leaf",
                    )}
                    style={{
                      left: place(Math.min(from, to)),
                      right: `calc(100% - ${place(Math.max(from, to))})`,
                    }}
                  />
                </span>
                <span className="figures text-right">{signed(value)}</span>
              </li>
            );
          })}
        </ul>
      </div>
      <div aria-hidden="true" className={clsx(ROW, "mt-1 text-xs text-muted")}>
        <span className="relative col-start-2 h-4">
          {TICKS.map((tick) => (
            <span
              key={tick}
              className="absolute -translate-x-1/2 whitespace-nowrap"
              style={{ left: place(tick) }}
            >
              {tick * 100} %
            </span>
          ))}
        </span>
      </div>
    </figure>
  );
}

interface ContributionBarsProps {
  readonly explanation: Explanation;
  readonly classes: readonly string[];
  readonly fields: readonly FeatureField[];
}

/** From the average to the answer, feature by feature, for every class on one scale. */
function ContributionBars({ explanation, classes, fields }: ContributionBarsProps) {
  const { proba, base, contributions } = explanation;
  const likeliest = proba.indexOf(Math.max(...proba));
  const panels = classes.map((_, index) => {
    const added = fields.map(({ name }) => contributions[name]?.[index] ?? 0);
    return { added, steps: waterfall(base[index] ?? 0, added) };
  });
  const bounds = waterfallBounds(panels.map(({ steps }) => steps));
  return (
    <>
      <ul aria-hidden="true" className="mt-3 flex flex-wrap gap-x-5 gap-y-1 text-sm text-muted">
        <li className="flex items-center gap-2">
          <span className="h-3 w-5 rounded-xs bg-leaf" /> adds
        </li>
        <li className="flex items-center gap-2">
          <span className="h-3 w-5 rounded-xs bg-rose" /> takes away
        </li>
        <li className="flex items-center gap-2">
          <span className="h-4 border-l border-dashed border-ink" /> average of the training data
        </li>
        <li className="flex items-center gap-2">
          <span className="h-4 border-l-2 border-ink" /> this answer
        </li>
      </ul>
      <div
        className={clsx(
          "mt-4 grid gap-4",
          classes.length === 2 ? "lg:grid-cols-2" : "lg:grid-cols-3",
        )}
      >
        {panels.map(({ added, steps }, index) => (
          <ContributionPanel
            key={classes[index]}
            index={index}
            label={classes[index] ?? ""}
            base={base[index] ?? 0}
            proba={proba[index] ?? 0}
            likeliest={index === likeliest}
            names={fields.map(({ label }) => label)}
            added={added}
            steps={steps}
            bounds={bounds}
          />
        ))}
      </div>
    </>
  );
}

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
