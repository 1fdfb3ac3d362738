import { memo } from "react";
import { clsx } from "clsx";
import { classLabels, outputShape, type Contract } from "@sepal/schema/define-contract";
import { classColours, ClassMark } from "@/components/predict/class-mark.tsx";
import type { RowAnswer, TableRow } from "@/lib/batch/protocol.ts";
import { featureTitle, hasProbabilities } from "@/lib/contract-parts.ts";
import { isNumeric } from "@/lib/feature-range.ts";
import { percent, predictedNumber, withUnit } from "@/lib/prediction-text.ts";

/** Most features, and most results, that have a column; files have them all. */
const MOST_COLUMNS = 40;

function shownFeatures({ features }: Contract): Contract["features"] {
  return features.slice(0, MOST_COLUMNS);
}

/** Headings of the predicted numbers: the classes' probabilities or the targets. */
function valueHeadings(contract: Contract): readonly string[] {
  const headings =
    contract.task === "regression"
      ? contract.targets.map((target) => withUnit(target.label, target))
      : hasProbabilities(contract)
        ? classLabels(contract)
        : [];
  return headings.slice(0, MOST_COLUMNS);
}

/** Columns of the class, its confidence and the predicted numbers. */
function resultCount(contract: Contract): number {
  const { hasClass } = outputShape(contract);
  return (hasClass ? 1 : 0) + (hasProbabilities(contract) ? 1 : 0) + valueHeadings(contract).length;
}

/** How many of a contract's columns the table leaves out. */
export function hiddenColumns(contract: Contract): number {
  const values = outputShape(contract).width - valueHeadings(contract).length;
  return contract.features.length - shownFeatures(contract).length + values;
}

/** Width that the columns need, in rem. */
export function tableWidth(contract: Contract): number {
  const fixed = hasProbabilities(contract) ? 21 : 14;
  return fixed + 6.5 * (shownFeatures(contract).length + valueHeadings(contract).length);
}

/** Headings behind the row's number. */
export function RowHeadings({ contract }: { readonly contract: Contract }) {
  return (
    <>
      {shownFeatures(contract).map((feature) => (
        <th
          key={feature.name}
          scope="col"
          title={featureTitle(feature)}
          className={clsx("px-3 font-medium", isNumeric(feature) && "text-right")}
        >
          {feature.label}
        </th>
      ))}
      {outputShape(contract).hasClass && (
        <th scope="col" className="w-36 px-3 pl-6 font-medium">
          Class
        </th>
      )}
      {hasProbabilities(contract) && (
        <th scope="col" className="w-32 px-3 font-medium">
          Confidence
        </th>
      )}
      {valueHeadings(contract).map((label) => (
        <th key={label} scope="col" title={label} className="truncate px-3 text-right font-medium">
          {label}
        </th>
      ))}
    </>
  );
}

interface RowCellsProps {
  readonly contract: Contract;
  readonly row: TableRow;
}

function Problems({ contract, row }: RowCellsProps) {
  const text = row.problems
    .map(({ feature, reason }) => {
      const label = feature === null ? undefined : contract.features[feature]?.label;
      return label === undefined ? reason : `${label}: ${reason}`;
    })
    .join("; ");
  return (
    <td
      colSpan={resultCount(contract)}
      title={text}
      className="truncate px-3 pl-6 font-sans text-rose"
    >
      {text}
    </td>
  );
}

interface AnswerProps {
  readonly contract: Contract;
  readonly answer: RowAnswer;
}

function Confidence({ answer }: { readonly answer: RowAnswer }) {
  const confidence = Math.max(0, ...answer.values);
  return (
    <td className="px-3">
      <div className="flex items-center justify-between gap-3 whitespace-nowrap">
        <span className="h-1.5 grow rounded-full bg-sunken">
          <span
            className={clsx(
              "block h-full rounded-full",
              classColours(answer.class ?? 0).background,
            )}
            style={{ width: `${confidence * 100}%` }}
          />
        </span>
        {percent(confidence).padStart(7, "\u2007")}
      </div>
    </td>
  );
}

function Answer({ contract, answer }: AnswerProps) {
  const { class: index, values } = answer;
  const probabilities = hasProbabilities(contract);
  return (
    <>
      {index !== null && (
        <td className="px-3 pl-6">
          <span className="flex items-center gap-2">
            <ClassMark index={index} />
            {classLabels(contract)[index]}
          </span>
        </td>
      )}
      {probabilities && <Confidence answer={answer} />}
      {valueHeadings(contract).map((label, column) => {
        const value = values[column] ?? Number.NaN;
        return (
          <td
            key={label}
            className={clsx("px-3 text-right", probabilities && column !== index && "text-muted")}
          >
            {probabilities ? percent(value) : predictedNumber(value)}
          </td>
        );
      })}
    </>
  );
}

/** The cells of one row: its number, its input, and its prediction or its problems. */
export const RowCells = memo(function RowCells({ contract, row }: RowCellsProps) {
  const broken = new Set(row.problems.map(({ feature }) => feature));
  const { answer } = row;
  return (
    <>
      <td className="px-3 text-right text-muted">{row.number}</td>
      {shownFeatures(contract).map((feature, index) => (
        <td
          key={feature.name}
          className={clsx(
            "truncate px-3",
            isNumeric(feature) && "text-right",
            broken.has(index) && "bg-rose-soft font-semibold text-rose",
          )}
        >
          {row.cells[index] === "" && broken.has(index) ? "empty" : row.cells[index]}
        </td>
      ))}
      {row.problems.length > 0 && <Problems contract={contract} row={row} />}
      {row.problems.length === 0 && answer === null && (
        <td colSpan={resultCount(contract)} className="px-3 pl-6 text-muted">
          <span className="sr-only">not predicted yet</span>
        </td>
      )}
      {row.problems.length === 0 && answer !== null && (
        <Answer contract={contract} answer={answer} />
      )}
    </>
  );
});
