"use client";

import type { Regression } from "@sepal/schema/define-contract";
import { toValueGrid, type ValueGrid } from "@/lib/decision-grid.ts";
import { predictedNumber, withUnit } from "@/lib/prediction-text.ts";
import { HeldConstant } from "./decision-maps.tsx";
import { DecisionPlot } from "./decision-plot.tsx";
import type { MapProps } from "./boundary-panel.tsx";
import { TrainingValues } from "./training-points.tsx";
import { useGrids } from "./use-grids.ts";
import { ValueLegend, ValueMap, valueScale } from "./value-map.tsx";

/** How far the predictions of the models are apart in each cell. */
function spread(grids: readonly ValueGrid[]): ValueGrid {
  const values = (grids[0]?.values ?? []).map((_, cell) => {
    const predicted = grids.map((grid) => grid.values[cell] ?? Number.NaN);
    return Math.max(...predicted) - Math.min(...predicted);
  });
  return { size: grids[0]?.size ?? 0, values };
}

interface ValueMapsProps extends MapProps {
  readonly contract: Regression;
  readonly target: string;
}

/** What each model predicts over two features in shades of one scale, and how far the models are apart. */
export function ValueMaps(props: ValueMapsProps) {
  const { contract, features, models, shown, axes, background, title, fixed, target, onMove } =
    props;
  const grids = useGrids({
    contract,
    features,
    models,
    axes,
    key: `values of ${target}`,
    select: (predictions) => toValueGrid(predictions, target),
  });
  const ready = grids.flatMap((grid) => grid ?? []);
  const scale = valueScale(ready);
  const spec = contract.targets.find(({ name }) => name === target) ?? {};
  const text = (value: number) => withUnit(predictedNumber(value), spec);
  const points = background && (
    <TrainingValues background={background} axes={axes} target={target} {...scale} />
  );
  const plot = { axes, features, points, onMove };
  const apart = ready.length === models.length && models.length > 1 ? spread(ready) : null;
  const apartScale = { min: 0, max: apart === null ? 1 : valueScale([apart]).max };
  const grid = grids[shown];
  const own = grid === undefined ? null : valueScale([grid]);
  const name = models[shown]?.model_name ?? "";
  return (
    <>
      <DecisionPlot
        {...plot}
        title={models.length > 1 ? `${name}: ${title}` : title}
        description={
          own === null
            ? "Not computed yet."
            : `Predictions from ${text(own.min)} to ${text(own.max)}`
        }
      >
        {grid !== undefined && <ValueMap grid={grid} {...scale} fill="fill-iris" />}
      </DecisionPlot>
      {apart !== null && (
        <DecisionPlot
          {...plot}
          points={null}
          title={`How far they are apart: at most ${text(apartScale.max)}`}
          description="The deeper the colour, the further apart the models’ predictions are."
        >
          <ValueMap grid={apart} {...apartScale} fill="fill-rose" />
        </DecisionPlot>
      )}
      <div className="text-[0.8125rem]">
        <h3 className="mb-1.5 font-medium">Prediction</h3>
        <ValueLegend scale={scale} fill="fill-iris" text={text} />
        {apart === null && <HeldConstant fixed={fixed} />}
      </div>
      {apart !== null && (
        <div className="text-[0.8125rem]">
          <h3 className="mb-1.5 font-medium">Distance between the models</h3>
          <ValueLegend scale={apartScale} fill="fill-rose" text={text} />
        </div>
      )}
    </>
  );
}
