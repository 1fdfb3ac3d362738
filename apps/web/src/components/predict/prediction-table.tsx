import { clsx } from "clsx";
import { classLabels, type Contract, type Regression } from "@sepal/schema/define-contract";
import { hasProbabilities } from "@/lib/contract-parts.ts";
import type { ClassPrediction, PredictResult } from "@/lib/contract-client.ts";
import { percent, predictedNumber } from "@/lib/prediction-text.ts";
import type { Answer, Target } from "@/lib/predictor.ts";
import { classColours, ClassMark } from "./class-mark.tsx";
import { FailureNote } from "./failure-note.tsx";

/** Most classes that have a column each. */
const MOST_CLASSES = 6;

interface TableProps {
  readonly contract: Contract;
  readonly models: readonly Target[];
  readonly answers: readonly Answer[];
  readonly stale: boolean;
  readonly onRetry: () => void;
}

function results(answers: readonly Answer[]): PredictResult[] {
  return answers.flatMap((answer) => (answer.ok ? [answer.result] : []));
}

/** The classes that have a column: all of a few, else those that any model finds likeliest. */
function shownClasses(contract: Contract, answers: readonly Answer[]): number[] {
  const places = classLabels(contract).map((_, index) => index);
  if (places.length <= MOST_CLASSES) return places;
  const likeliest = (index: number) =>
    Math.max(
      ...results(answers).map((result) => ("proba" in result ? (result.proba?.[index] ?? 0) : 0)),
    );
  return places.toSorted((a, b) => likeliest(b) - likeliest(a)).slice(0, MOST_CLASSES - 1);
}

interface ShareCellProps {
  readonly share: number;
  readonly predicted: boolean;
  readonly background: string;
}

/** A probability with its bar. */
function ShareCell({ share, predicted, background }: ShareCellProps) {
  return (
    <td className="figures py-1 pl-3 text-right">
      <span className={clsx("whitespace-nowrap", predicted ? "font-semibold" : "text-muted")}>
        {percent(share)}
      </span>
      <span aria-hidden="true" className="mt-0.5 block h-1 rounded-full bg-sunken">
        <span
          className={clsx("block h-full min-w-px rounded-full", background)}
          style={{ width: `${share * 100}%` }}
        />
      </span>
    </td>
  );
}

interface ClassCellsProps {
  readonly result: ClassPrediction;
  readonly shown: readonly number[];
  readonly classes: readonly string[];
}

function ClassCells({ result, shown, classes }: ClassCellsProps) {
  const { proba } = result;
  const rest = 1 - shown.reduce((sum, index) => sum + (proba?.[index] ?? 0), 0);
  return (
    <>
      <td className="py-1 pl-3">
        <span className="flex items-center gap-1.5 font-semibold">
          <ClassMark index={result.class} />
          <span className="wrap-break-word">{result.label}</span>
        </span>
      </td>
      {proba !== undefined &&
        shown.map((index) => (
          <ShareCell
            key={index}
            share={proba[index] ?? 0}
            predicted={index === result.class}
            background={classColours(index).background}
          />
        ))}
      {proba !== undefined && shown.length < classes.length && (
        <ShareCell share={Math.max(0, rest)} predicted={false} background="bg-edge" />
      )}
    </>
  );
}

interface ValueCellsProps {
  readonly targets: Regression["targets"];
  readonly values: Readonly<Record<string, number>>;
  /** What the first model predicts; `null` for itself. */
  readonly first: Readonly<Record<string, number>> | null;
}

function ValueCells({ targets, values, first }: ValueCellsProps) {
  return targets.map(({ name }) => {
    const value = values[name] ?? Number.NaN;
    const apart = first === null ? 0 : value - (first[name] ?? value);
    return (
      <td key={name} className="figures py-1 pl-3 text-right">
        <span className="font-semibold">{predictedNumber(value)}</span>
        {first !== null && (
          <span className="block text-xs text-muted">
            {apart === 0
              ? "the same"
              : `${apart < 0 ? "−" : "+"}${predictedNumber(Math.abs(apart))}`}
          </span>
        )}
      </td>
    );
  });
}

function Headings({
  contract,
  shown,
}: {
  readonly contract: Contract;
  readonly shown: readonly number[];
}) {
  const classes = classLabels(contract);
  const cell = "pb-1 pl-3 text-xs font-medium text-muted align-bottom";
  return (
    <thead>
      <tr>
        <th scope="col" className="pb-1 text-left align-bottom text-xs font-medium text-muted">
          Model
        </th>
        {contract.task === "regression" ? (
          contract.targets.map(({ name, label, unit, description }) => (
            <th key={name} scope="col" title={description} className={clsx(cell, "text-right")}>
              {label} {unit && <span className="font-normal">({unit})</span>}
            </th>
          ))
        ) : (
          <>
            <th scope="col" className={clsx(cell, "text-left")}>
              Prediction
            </th>
            {hasProbabilities(contract) &&
              shown.map((index) => (
                <th key={index} scope="col" className={clsx(cell, "text-right wrap-break-word")}>
                  <ClassMark index={index} className="mr-1 mb-px inline size-2.5" />
                  {classes[index]}
                </th>
              ))}
            {hasProbabilities(contract) && shown.length < classes.length && (
              <th scope="col" className={clsx(cell, "text-right")}>
                {classes.length - shown.length} others
              </th>
            )}
          </>
        )}
      </tr>
    </thead>
  );
}

/** Numbers of a vector that a row shows. */
const SHOWN_NUMBERS = 4;

/** What every model predicts: a row a model, a column a class or target. */
export function PredictionTable({ contract, models, answers, stale, onRetry }: TableProps) {
  const shown = shownClasses(contract, answers);
  const classes = classLabels(contract);
  const columns = contract.task === "regression" ? contract.targets.length : shown.length + 2;
  const first = answers[0];
  const firstValues = first?.ok === true && "values" in first.result ? first.result.values : null;
  return (
    <table aria-label="Predictions" className="w-full text-[0.8125rem] leading-5">
      <Headings contract={contract} shown={shown} />
      <tbody aria-busy={stale}>
        {models.map(({ model_name: name }, index) => {
          const answer = answers[index];
          return (
            <tr
              key={name}
              className={clsx(
                "border-t border-rule transition-opacity",
                // A failure is to be read; only an earlier prediction is dimmed, and none that is replaced at once.
                stale && answer?.ok === true && "opacity-60 delay-150",
              )}
            >
              <th
                scope="row"
                className="py-1 text-left font-mono text-xs font-normal wrap-break-word"
              >
                {name}
              </th>
              {answer?.ok === false && (
                <td colSpan={columns} className="py-2 pl-3">
                  <FailureNote failure={answer.failure} onRetry={onRetry} />
                </td>
              )}
              {answer?.ok === true &&
                ("values" in answer.result
                  ? contract.task === "regression" && (
                      <ValueCells
                        targets={contract.targets}
                        values={answer.result.values}
                        first={index === 0 ? null : firstValues}
                      />
                    )
                  : "class" in answer.result && (
                      <ClassCells result={answer.result} shown={shown} classes={classes} />
                    ))}
              {answer?.ok === true && "embedding" in answer.result && (
                <td className="figures py-1 pl-3">
                  {answer.result.embedding.slice(0, SHOWN_NUMBERS).map(predictedNumber).join(", ")},
                  …
                </td>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
