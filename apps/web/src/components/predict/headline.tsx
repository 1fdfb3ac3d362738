import type { Contract } from "@sepal/schema/define-contract";
import type { Row } from "@/lib/row.ts";
import type { PredictResult } from "@/lib/contract-client.ts";
import type { FeatureField } from "@/lib/feature-range.ts";
import { confidenceText, headline } from "@/lib/prediction-text.ts";
import type { Answer } from "@/lib/predictor.ts";
import { Bloom } from "./bloom.tsx";
import { ClassMark } from "./class-mark.tsx";

function Words({
  contract,
  result,
}: {
  readonly contract: Contract;
  readonly result: PredictResult;
}) {
  const confidence = confidenceText(result);
  const note =
    confidence !== null
      ? `${confidence} confident`
      : "class" in result
        ? "the class alone, without probabilities"
        : contract.task === "regression" && contract.targets.length === 1
          ? contract.targets[0]?.label
          : undefined;
  return (
    <div className="min-w-0">
      <p className="flex items-center gap-2 font-display text-2xl leading-tight font-semibold">
        {"class" in result && <ClassMark index={result.class} className="size-4" />}
        <span className="min-w-0 wrap-anywhere">{headline(contract, result)}</span>
      </p>
      {note !== undefined && <p className="figures text-sm text-muted">{note}</p>}
    </div>
  );
}

interface HeadlineProps {
  readonly contract: Contract;
  readonly fields: readonly FeatureField[];
  readonly features: Row;
  /** Of the first model; absent while there is none. */
  readonly answer: Answer | undefined;
  /** Size of the flower. */
  readonly size: string;
}

/** The row as a flower and the prediction of the first model, large. */
export function Headline({ contract, fields, features, answer, size }: HeadlineProps) {
  const result = answer?.ok === true ? answer.result : undefined;
  const classIndex = result !== undefined && "class" in result ? result.class : null;
  return (
    <>
      <Bloom fields={fields} features={features} classIndex={classIndex} className={size} />
      {result !== undefined && <Words contract={contract} result={result} />}
    </>
  );
}
