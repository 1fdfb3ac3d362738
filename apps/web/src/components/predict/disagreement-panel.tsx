"use client";

import { useQueries } from "@tanstack/react-query";
import { clsx } from "clsx";
import { useMemo } from "react";
import { classLabels, type Contract, type FeatureInput } from "@sepal/schema/define-contract";
import type { ModelBackground } from "@sepal/schema/model-card";
import { Button } from "@/components/ui/button.tsx";
import { CheckIcon, CrossIcon } from "@/components/icons.tsx";
import type { Axes } from "@/lib/decision-grid.ts";
import { isInside, type Point } from "@/lib/lasso.ts";
import { plural } from "@/lib/format.ts";
import type { Target } from "@/lib/predictor.ts";
import type { Row } from "@/lib/row.ts";
import { ClassMark } from "./class-mark.tsx";
import { placeX, placeY } from "./plot-frame.ts";
import { predictionsQuery } from "./predictions-query.ts";

/** Rows that are listed. */
const MOST_LISTED = 50;

interface DisagreementPanelProps {
  readonly contract: Contract;
  readonly models: readonly Target[];
  readonly axes: Axes;
  readonly background: ModelBackground;
  /** A region of the map, in units of its picture; `null` for all of it. */
  readonly region: readonly Point[] | null;
  /** Shows a row in the form. */
  readonly onRow: (row: FeatureInput[]) => void;
  readonly onClear: () => void;
}

/** Numbers of the training rows that lie within a region of a map. */
function rowsWithin({ rows }: ModelBackground, axes: Axes, region: readonly Point[] | null) {
  return rows.flatMap((row, index) => {
    const [across, up] = [row[axes.x], row[axes.y]];
    if (region === null) return [index];
    if (typeof across !== "number" || typeof up !== "number") return [];
    const point: Point = [placeX(axes.fieldX, across), placeY(axes.fieldY, up)];
    return isInside(region, point) ? [index] : [];
  });
}

interface VerdictProps {
  readonly label: string | undefined;
  readonly predicted: number;
  readonly actual: number | undefined;
}

/** A predicted class, and whether it is the actual one. */
function Verdict({ label, predicted, actual }: VerdictProps) {
  const right = predicted === actual;
  const Icon = right ? CheckIcon : CrossIcon;
  return (
    <span className="flex items-center gap-2">
      <ClassMark index={predicted} />
      {label}
      <Icon className={clsx("size-4 shrink-0", right ? "text-leaf" : "text-rose")} />
      <span className="sr-only">{right ? "right" : "wrong"}</span>
    </span>
  );
}

/** The training rows of a region for which models predict different classes, and which of them are right. */
export function DisagreementPanel(props: DisagreementPanelProps) {
  const { contract, models, axes, background, region, onRow, onClear } = props;
  const classes = classLabels(contract);
  const every: readonly Row[] = background.rows;
  const answers = useQueries({
    queries: models.map((target) =>
      predictionsQuery({
        key: ["background", models[0]?.model_name],
        contract,
        target,
        rows: () => every,
        select: (predictions) =>
          predictions.map((each) => ("class" in each ? each.class : Number.NaN)),
      }),
    ),
  }).map(({ data }) => data);
  const within = useMemo(() => rowsWithin(background, axes, region), [background, axes, region]);
  const actual = background.class;
  if (actual === null || actual === undefined) return null;
  if (answers.some((each) => each === undefined)) {
    return (
      <p className="col-span-full text-[0.8125rem] text-muted">Predicting the training rows.</p>
    );
  }
  const of = (model: number, row: number) => answers[model]?.[row] ?? Number.NaN;
  const differing = within.filter((row) =>
    models.some((_, model) => of(model, row) !== of(0, row)),
  );
  const rights = models.map(
    (_, model) => within.filter((row) => of(model, row) === actual[row]).length,
  );
  const where = region === null ? "All training rows" : "In the region";
  return (
    <section
      aria-label="Rows on which the models disagree"
      className="col-span-full min-w-0 text-[0.8125rem]"
    >
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <p>
          <strong className="font-semibold">
            {where}: {plural(within.length, "row")}, {differing.length} with different predictions.
          </strong>{" "}
          {within.length > 0 && (
            <span className="text-muted">
              Right:{" "}
              {models.map(({ model_name: name }, model) => `${name} ${rights[model]}`).join(", ")}.
            </span>
          )}
        </p>
        {region === null ? (
          <p className="text-muted">Draw around a region of the right map to look at it alone.</p>
        ) : (
          <Button size="sm" onClick={onClear}>
            All rows
          </Button>
        )}
      </div>
      {differing.length > 0 && (
        <section
          aria-label="Rows with different predictions"
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled with keys
          tabIndex={0}
          className="mt-2 max-h-64 overflow-auto rounded-md border border-rule"
        >
          <table className="w-full">
            <thead className="sticky top-0 bg-surface text-left text-xs text-muted shadow-[0_1px_0_var(--rule)]">
              <tr>
                <th scope="col" className="px-3 py-2 font-medium">
                  Row
                </th>
                <th scope="col" className="px-3 py-2 text-right font-medium">
                  {axes.fieldX.label}
                </th>
                <th scope="col" className="px-3 py-2 text-right font-medium">
                  {axes.fieldY.label}
                </th>
                <th scope="col" className="px-3 py-2 font-medium">
                  Actual
                </th>
                {models.map(({ model_name: name }) => (
                  <th key={name} scope="col" className="px-3 py-2 font-medium">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody className="figures">
              {differing.slice(0, MOST_LISTED).map((row) => {
                const values = every[row] ?? [];
                return (
                  <tr key={row} className="border-t border-rule">
                    <td className="px-3 py-1">
                      <button
                        type="button"
                        aria-label={`Show row ${row + 1} in the form`}
                        onClick={() => onRow([...values])}
                        className="rounded-sm px-1 underline pointer-coarse:min-h-11 pointer-coarse:min-w-11"
                      >
                        {row + 1}
                      </button>
                    </td>
                    <td className="px-3 py-1 text-right">{String(values[axes.x] ?? "")}</td>
                    <td className="px-3 py-1 text-right">{String(values[axes.y] ?? "")}</td>
                    <td className="px-3 py-1">
                      <span className="flex items-center gap-2">
                        <ClassMark index={actual[row] ?? 0} />
                        {classes[actual[row] ?? -1]}
                      </span>
                    </td>
                    {models.map(({ model_name: name }, model) => (
                      <td key={name} className="px-3 py-1">
                        <Verdict
                          label={classes[of(model, row)]}
                          predicted={of(model, row)}
                          actual={actual[row]}
                        />
                      </td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}
