"use client";

import { useId, useState } from "react";
import { clsx } from "clsx";
import { classLabels, type Contract } from "@sepal/schema/define-contract";
import { ClassMark } from "@/components/predict/class-mark.tsx";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import { Slider } from "@/components/ui/slider.tsx";
import type { BatchCommand, BatchState } from "@/lib/batch/protocol.ts";
import type { Evaluation, Level } from "@/lib/batch/truth.ts";
import { count, plural } from "@/lib/format.ts";
import { percent, predictedNumber, withUnit } from "@/lib/prediction-text.ts";

/** Most classes whose confusions are a table. */
const MOST_CLASSES = 12;

/** Bars of the calibration. */
const BARS = 10;

interface ConfusionProps {
  readonly classes: readonly string[];
  readonly confusion: readonly (readonly number[])[];
}

/** Rows by actual and predicted class. */
function Confusion({ classes, confusion }: ConfusionProps) {
  return (
    <div className="min-w-0 overflow-x-auto">
      <table aria-label="Confusion matrix" className="text-sm">
        <caption className="pb-1.5 text-left text-xs text-muted">
          Rows: actual class; columns: predicted class
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <span className="sr-only">Actual class</span>
            </th>
            {classes.map((label, index) => (
              <th key={label} scope="col" className="px-2 pb-1 text-xs font-medium">
                <ClassMark index={index} className="mr-1 inline size-2.5" />
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {confusion.map((predicted, is) => {
            const all = predicted.reduce((sum, rows) => sum + rows, 0);
            return (
              <tr key={classes[is]}>
                <th scope="row" className="py-0.5 pr-2 text-left text-xs font-medium">
                  <ClassMark index={is} className="mr-1 inline size-2.5" />
                  {classes[is]}
                </th>
                {predicted.map((rows, index) => (
                  <td
                    key={classes[index]}
                    className="figures relative min-w-16 border border-rule px-2 py-1.5 text-right"
                  >
                    <span
                      aria-hidden="true"
                      className={clsx("absolute inset-0", index === is ? "bg-leaf" : "bg-rose")}
                      style={{ opacity: all === 0 ? 0 : 0.35 * (rows / all) }}
                    />
                    <span className={clsx("relative", rows === 0 && "text-muted")}>
                      {count(rows)}
                    </span>
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function total(levels: readonly Level[]): Level {
  return levels.reduce<Level>(
    (sum, { rows, right }) => ({ rows: sum.rows + rows, right: sum.right + right }),
    { rows: 0, right: 0 },
  );
}

/** Accuracy by confidence. */
function Calibration({ levels }: { readonly levels: readonly Level[] }) {
  const width = levels.length / BARS;
  const bars = Array.from({ length: BARS }, (_, bar) => {
    return { from: bar * 10, ...total(levels.slice(bar * width, (bar + 1) * width)) };
  });
  const words = bars.flatMap(({ from, rows, right }) =>
    rows === 0 ? [] : [`confidence ${from} to ${from + 10} %: accuracy ${percent(right / rows)}`],
  );
  return (
    <figure className="w-full max-w-60">
      <figcaption className="pb-1.5 text-xs text-muted">
        Calibration: accuracy by confidence
      </figcaption>
      <svg
        role="img"
        aria-label={`Calibration. ${words.join("; ")}.`}
        viewBox="-24 -4 246 128"
        className="h-auto w-full"
      >
        <path d="M0 100.5H200M0 50.5H200M0 0.5H200" className="stroke-rule" />
        {bars.map(({ from, rows, right }) => {
          const height = rows === 0 ? 0 : (right / rows) * 100;
          return (
            <rect
              key={from}
              x={from * 2 + 2}
              y={100 - height}
              width={16}
              height={height}
              className="fill-leaf"
            />
          );
        })}
        <path d="M0 100L200 0" className="stroke-ink" strokeDasharray="3 3" />
        {[0, 50, 100].map((share) => (
          <g key={share} className="fill-muted text-[9px]">
            <text x={-4} y={103 - share} textAnchor="end">
              {share}
            </text>
            <text x={share * 2} y={114} textAnchor="middle">
              {share} %
            </text>
          </g>
        ))}
      </svg>
      <p className="text-xs text-muted">On the dashed line accuracy equals confidence.</p>
    </figure>
  );
}

/** Coverage and accuracy of the predictions above a confidence threshold. */
function Threshold({ levels }: { readonly levels: readonly Level[] }) {
  const [least, setLeast] = useState(80);
  const kept = total(levels.slice(least));
  const all = total(levels);
  return (
    <div className="w-full max-w-80 text-sm">
      <p className="text-xs text-muted">Confidence threshold</p>
      <Slider
        label="Confidence threshold"
        value={least}
        min={0}
        max={99}
        step={1}
        marked={null}
        valueText={(value) => `${value} %`}
        onChange={setLeast}
      />
      <p>
        <span className="figures font-semibold">{least} %</span>:{" "}
        {kept.rows === 0
          ? "no row reaches it."
          : `coverage ${percent(kept.rows / all.rows)}, accuracy ${percent(kept.right / kept.rows)}`}
      </p>
    </div>
  );
}

/** Actual and predicted values as points. */
function Scatter({ points }: { readonly points: readonly (readonly [number, number])[] }) {
  const values = points.flat();
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const at = (value: number) => ((value - low) / (high - low || 1)) * 200;
  return (
    <figure className="w-full max-w-72">
      <figcaption className="pb-1.5 text-xs text-muted">Predicted against actual value</figcaption>
      <svg
        role="img"
        aria-label={`Predicted against actual value of ${points.length} rows, from ${predictedNumber(low)} to ${predictedNumber(high)}.`}
        viewBox="-8 -8 216 216"
        className="h-auto w-full rounded-md border border-rule"
      >
        <path d="M0 200L200 0" className="stroke-ink" strokeDasharray="3 3" />
        {points.map(([is, predicted], index) => (
          <circle
            // oxlint-disable-next-line react/no-array-index-key -- a point is its row
            key={index}
            cx={at(is)}
            cy={200 - at(predicted)}
            r={2.5}
            className="fill-iris/60"
          />
        ))}
      </svg>
      <p className="text-xs text-muted">The dashed line is a perfect prediction.</p>
    </figure>
  );
}

/** Residuals over the predicted value: a model that fits has no pattern around the line. */
function Residuals({ points }: { readonly points: readonly (readonly [number, number])[] }) {
  const predictions = points.map(([, predicted]) => predicted);
  const [low, high] = [Math.min(...predictions), Math.max(...predictions)];
  const most = Math.max(...points.map(([is, predicted]) => Math.abs(is - predicted))) || 1;
  return (
    <figure className="w-full max-w-72">
      <figcaption className="pb-1.5 text-xs text-muted">
        Residual against predicted value
      </figcaption>
      <svg
        role="img"
        aria-label={`Residuals: actual minus predicted value of ${points.length} rows, at most ${predictedNumber(most)} from 0.`}
        viewBox="-8 -8 216 216"
        className="h-auto w-full rounded-md border border-rule"
      >
        <path d="M0 100H200" className="stroke-ink" strokeDasharray="3 3" />
        {points.map(([is, predicted], index) => (
          <circle
            // oxlint-disable-next-line react/no-array-index-key -- a point is its row
            key={index}
            cx={((predicted - low) / (high - low || 1)) * 200}
            cy={100 - ((is - predicted) / most) * 100}
            r={2.5}
            className="fill-iris/60"
          />
        ))}
        <g className="fill-muted text-[9px]">
          <text x={-4} y={4}>
            +{predictedNumber(most)}
          </text>
          <text x={-4} y={204}>
            −{predictedNumber(most)}
          </text>
        </g>
      </svg>
      <p className="text-xs text-muted">
        Above the line the model predicted too little, below it too much.
      </p>
    </figure>
  );
}

interface FigureProps {
  readonly value: string;
  readonly what: string;
}

function Figure({ value, what }: FigureProps) {
  return (
    <p className="min-w-0">
      <span className="figures block font-display text-3xl font-semibold">{value}</span>
      <span className="text-sm text-muted">{what}</span>
    </p>
  );
}

interface FoundProps {
  readonly contract: Contract;
  readonly evaluation: Evaluation;
}

function Found({ contract, evaluation }: FoundProps) {
  if (evaluation.kind === "classes") {
    const { rows, right, confusion, levels } = evaluation;
    const classes = classLabels(contract);
    return (
      <div className="mt-4 flex flex-wrap items-start gap-x-10 gap-y-5">
        <Figure
          value={percent(right / rows)}
          what={`accuracy: ${count(right)} of ${plural(rows, "row")}`}
        />
        {classes.length <= MOST_CLASSES && <Confusion classes={classes} confusion={confusion} />}
        {levels !== null && (
          <>
            <Calibration levels={levels} />
            <Threshold levels={levels} />
          </>
        )}
      </div>
    );
  }
  const { rows, target, meanAbsolute, rootMeanSquare, r2, points } = evaluation;
  const spec = contract.task === "regression" ? contract.targets[target] : undefined;
  const text = (value: number) => withUnit(predictedNumber(value), { unit: spec?.unit });
  return (
    <div className="mt-4 flex flex-wrap items-start gap-x-10 gap-y-5">
      <Figure value={text(meanAbsolute)} what={`mean absolute error of ${plural(rows, "row")}`} />
      <Figure value={text(rootMeanSquare)} what="root mean square error" />
      {r2 !== null && <Figure value={r2.toFixed(3)} what="R², explained variance" />}
      <Scatter points={points} />
      <Residuals points={points} />
    </div>
  );
}

interface EvaluationPanelProps {
  readonly contract: Contract;
  readonly state: BatchState;
  readonly send: (command: BatchCommand) => void;
}

/** Accuracy or errors of the predictions, where the table has the actual values. */
export function EvaluationPanel({ contract, state, send }: EvaluationPanelProps) {
  const id = useId();
  const { columns, mapping, truth, evaluation, run } = state;
  const free = columns.flatMap((name, column) =>
    mapping.includes(column) ? [] : [{ value: String(column), text: name }],
  );
  if (free.length === 0) return null;
  const choose = (column: string) =>
    send({
      type: "truth",
      truth: column === "" ? null : { column: Number(column), target: truth?.target ?? 0 },
    });
  const ended = run !== null && run.phase !== "running" && run.phase !== "waiting";
  return (
    <section aria-labelledby={`${id}title`} className="plate p-5 sm:p-6">
      <div className="flex flex-wrap items-end justify-between gap-4">
        <h2 id={`${id}title`} className="text-2xl">
          Evaluation
        </h2>
        <NativeSelect
          inline
          label={contract.task === "regression" ? "Target column" : "Label column"}
          value={String(truth?.column ?? "")}
          options={[{ value: "", text: "None" }, ...free]}
          onChange={choose}
        />
      </div>
      {evaluation !== null ? (
        <>
          <Found contract={contract} evaluation={evaluation} />
          <p className="mt-4 text-[0.8125rem] text-muted">
            Rows that the model was trained on overestimate its accuracy; the figures of the model
            card are cross-validated.
          </p>
        </>
      ) : (
        <p className="mt-2 text-sm text-muted">
          {truth === null
            ? "Choose the column with the actual values, if the file has one."
            : ended
              ? `No value of ${columns[truth.column] ?? "this column"} is ${contract.task === "regression" ? "a number" : `one of ${classLabels(contract).slice(0, 5).join(", ")}`}.`
              : `Predictions are compared with ${columns[truth.column] ?? "this column"} when the run ends.`}
        </p>
      )}
    </section>
  );
}
