"use client";

import { useState } from "react";
import { classLabels } from "@sepal/schema/define-contract";
import { type Axes, type DecisionGrid, toGrid } from "@/lib/decision-grid.ts";
import type { Point } from "@/lib/lasso.ts";
import { percent } from "@/lib/prediction-text.ts";
import type { MapProps } from "./boundary-panel.tsx";
import {
  disagreement,
  DisagreementMap,
  MapKey,
  mapShare,
  RegionMap,
  RegionNames,
} from "./decision-maps.tsx";
import { DisagreementPanel } from "./disagreement-panel.tsx";
import { DecisionPlot } from "./decision-plot.tsx";
import { TrainingClasses } from "./training-points.tsx";
import { useGrids } from "./use-grids.ts";

function shares(grid: DecisionGrid, classes: readonly string[]): string {
  return classes.map((label, index) => `${label} ${percent(mapShare(grid, index))}`).join(", ");
}

/** Where a model draws its boundary over two features, and where the models disagree. */
export function ClassMaps(props: MapProps) {
  const { contract, features, models, shown, axes, background, title, fixed, onMove } = props;
  // A region belongs to the axes that it was drawn over.
  const [drawn, setDrawn] = useState<{ axes: Axes; region: readonly Point[] } | null>(null);
  const region = drawn?.axes === axes ? drawn.region : null;
  const classes = classLabels(contract);
  const grids = useGrids({ contract, features, models, axes, key: "grid", select: toGrid });
  const ready = grids.flatMap((grid) => grid ?? []);
  const grid = grids[shown];
  const name = models[shown]?.model_name ?? "";
  const points = background && <TrainingClasses background={background} axes={axes} />;
  const plot = { axes, features, points, onMove };
  const compares = models.length > 1;
  return (
    <>
      <DecisionPlot
        {...plot}
        title={compares ? `${name}: ${title}` : title}
        description={`Share of the map: ${grid === undefined ? "Not computed yet." : shares(grid, classes)}`}
        above={grid !== undefined && <RegionNames grid={grid} classes={classes} />}
      >
        {grid !== undefined && <RegionMap grid={grid} />}
      </DecisionPlot>
      {compares && (
        <DecisionPlot
          {...plot}
          title={
            ready.length === models.length
              ? `Where the models disagree: ${percent(disagreement(ready))} of the map`
              : "Where the models disagree"
          }
          description="Hatched where the models predict different classes."
          region={region}
          {...(background && { onRegion: (path) => setDrawn({ axes, region: path }) })}
        >
          {ready.length === models.length && <DisagreementMap grids={ready} />}
        </DecisionPlot>
      )}
      {compares && background && (
        <DisagreementPanel
          contract={contract}
          models={models}
          axes={axes}
          background={background}
          region={region}
          onRow={props.onRow}
          onClear={() => setDrawn(null)}
        />
      )}
      <MapKey grid={grid} classes={classes} fixed={fixed} wide={compares} />
    </>
  );
}
