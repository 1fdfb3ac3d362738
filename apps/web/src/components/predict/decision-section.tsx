"use client";

import type { Contract } from "@sepal/schema/define-contract";
import type { ModelBackground } from "@sepal/schema/model-card";
import { useQueries, useQuery } from "@tanstack/react-query";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import type { Target } from "@/lib/ask-models.ts";
import { credentialHeaders } from "@/lib/credentials.ts";
import { gridRows, toGrid, type DecisionGrid } from "@/lib/decision-grid.ts";
import type { FeatureField } from "@/lib/feature-range.ts";
import { inSentence } from "@/lib/format.ts";
import { useSettled } from "@/lib/use-settled.ts";
import { DecisionPlot, type Axes } from "./decision-plot.tsx";
import {
  disagreement,
  DisagreementMap,
  MapKey,
  mapShare,
  RegionMap,
  RegionNames,
} from "./decision-maps.tsx";
import { percent } from "./probability-bars.tsx";
import { batchQuery } from "./use-batch.ts";

async function fetchBackground(model: string, signal: AbortSignal): Promise<ModelBackground> {
  const response = await fetch(`/api/models/${encodeURIComponent(model)}/background`, {
    signal,
    headers: credentialHeaders(),
  });
  if (!response.ok) throw new Error(`the training rows answered ${response.status}`);
  return await response.json();
}

interface DecisionSectionProps {
  readonly contract: Contract;
  readonly fields: readonly FeatureField[];
  readonly features: readonly number[];
  readonly targets: readonly Target[];
  readonly axes: Axes;
  readonly onAxes: (axes: { x?: string; y?: string }) => void;
  readonly onFeatures: (features: number[]) => void;
}

function shares(grid: DecisionGrid, classes: readonly string[]): string {
  return classes.map((label, index) => `${label} ${percent(mapShare(grid, index))}`).join(", ");
}

/** Where each model draws its borders over two features, and where the models disagree. */
export function DecisionSection(props: DecisionSectionProps) {
  const { contract, fields, features, targets, axes, onAxes, onFeatures } = props;
  const { x, y, fieldX, fieldY } = axes;
  // The map over x and y does not depend on where the point is on it.
  const others = features.map((value, index) => (index === x || index === y ? 0 : value));
  const settled = useSettled(others, 120);
  const grids = useQueries({
    queries: targets.map((target) =>
      batchQuery({
        key: ["grid", fieldX, fieldY, settled],
        contract,
        target,
        rows: () => gridRows(fields, settled, x, y),
        select: toGrid,
      }),
    ),
  });
  const primary = targets[0]?.model_name ?? "";
  const { data: background } = useQuery({
    queryKey: ["background", primary],
    queryFn: ({ signal }) => fetchBackground(primary, signal),
    staleTime: Infinity,
  });
  const plot = { axes, features, background };
  const move = (atX: number, atY: number) => {
    onFeatures(features.map((value, index) => (index === x ? atX : index === y ? atY : value)));
  };
  const ready = grids.flatMap(({ data }) => (data === undefined ? [] : [data]));
  const title = `${fieldY.label} over ${inSentence(fieldX.label)}`;
  const fixed = fields.flatMap(({ label, unit }, index) =>
    index === x || index === y ? [] : [`${label} ${features[index]}${unit && ` ${unit}`}`],
  );
  const choose = (name: "x" | "y", label: string) => (
    <NativeSelect
      label={label}
      value={name === "x" ? fieldX.name : fieldY.name}
      options={fields.map((field) => ({ value: field.name, text: field.label }))}
      onChange={(value) => onAxes({ [name]: value })}
    />
  );
  return (
    <section aria-labelledby="regions">
      <div className="flex flex-wrap items-end justify-between gap-4">
        <div className="max-w-2xl">
          <h2 id="regions" className="text-2xl">
            Where the borders run
          </h2>
          <p className="mt-1.5 text-muted">
            What the model says at every point of two features, the others as set above. The deeper
            the colour, the surer it is. Small marks are training rows; click to move the point.
          </p>
        </div>
        <div className="flex min-w-0 flex-wrap gap-3">
          {choose("x", "Across")}
          {choose("y", "Up")}
        </div>
      </div>
      <div className="mt-5 grid grid-cols-1 gap-5 md:grid-cols-[repeat(2,minmax(0,1fr))]">
        {targets.map((target, index) => {
          const grid = grids[index]?.data;
          const about = grid === undefined ? "Not computed yet." : shares(grid, contract.classes);
          return (
            <div key={target.model_name} className="plate max-w-3xl p-4">
              <DecisionPlot
                {...plot}
                title={targets.length > 1 ? `${target.model_name}: ${title}` : title}
                description={`Share of the map: ${about}`}
                onMove={move}
                above={grid !== undefined && <RegionNames grid={grid} classes={contract.classes} />}
              >
                {grid !== undefined && <RegionMap grid={grid} />}
              </DecisionPlot>
            </div>
          );
        })}
        {targets.length === 1 && (
          <div className="self-center sm:px-6">
            <MapKey grid={grids[0]?.data} classes={contract.classes} fixed={fixed} />
          </div>
        )}
        {targets.length > 1 && ready.length === targets.length && (
          <div className="plate max-w-3xl p-4">
            <DecisionPlot
              {...plot}
              title={`Where they disagree: ${percent(disagreement(ready))} of the map`}
              description="Hatched where the models name different classes."
              onMove={move}
            >
              <DisagreementMap grids={ready} />
            </DecisionPlot>
          </div>
        )}
      </div>
    </section>
  );
}
