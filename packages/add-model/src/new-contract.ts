import { contractProblem, RESULT_KEYS } from "@sepal/schema/contract-schema";
import {
  MAX_TEXT_LENGTH,
  type Contract,
  type FeatureInput,
  type FeatureSpec,
  type TargetSpec,
} from "@sepal/schema/define-contract";
import { shortestFloat32 } from "@sepal/schema/float32";
import { columnName } from "@sepal/schema/headings";
import type { CheckedModel, NumberDomain } from "./check-model.ts";
import { requestRow, textsOf, type TrainingTable } from "./table/training-table.ts";
import { Refusal } from "./refusal.ts";
import { typicalRows, typicalTexts } from "./selected-rows.ts";
import type { FeatureColumn } from "./table/feature-columns.ts";

/** Longest label of a contract. */
const MAX_LABEL = 200;

/** A text as a contract may show it: without what steers a terminal or turns the direction of text. */
function shown(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, " ").trim();
  return plain.slice(0, MAX_LABEL);
}

function boundsOf(domain: NumberDomain) {
  if (domain === "positive") return { exclusive_minimum: 0 };
  return domain === "nonnegative" ? { minimum: 0 } : {};
}

function featureOf(column: FeatureColumn, domain: NumberDomain): FeatureSpec {
  const { name, heading, kind, values, nullable } = column;
  const label = shown(column.label) || shown(heading) || name;
  const isFound = columnName(heading).name === name;
  const base = {
    name,
    label,
    ...(nullable && { nullable }),
    ...(!isFound && { aliases: [heading] }),
  };
  if (kind === "boolean") return { type: "boolean", ...base };
  if (kind === "text") return { type: "text", ...base, max_length: MAX_TEXT_LENGTH };
  if (kind === "category") return { type: "category", ...base, values };
  const unit = shown(column.unit).slice(0, 50);
  return { type: kind, ...base, ...(unit !== "" && { unit }), ...boundsOf(domain) };
}

/** A name that no result of a prediction has. */
function targetOf(heading: string, index: number): TargetSpec {
  const { name, label, unit } = columnName(heading);
  const own = name === "" ? `target_${index + 1}` : name;
  return {
    name: RESULT_KEYS.includes(own) ? `${own}_value` : own,
    label: shown(label) || shown(heading) || own,
    ...(unit !== "" && { unit: shown(unit).slice(0, 50) }),
  };
}

/** A row of the normal form as requests have it. */
function asRequested(
  table: TrainingTable,
  features: readonly FeatureSpec[],
  row: readonly number[],
): Record<string, FeatureInput> {
  const values = requestRow(table, features, row).map((value) =>
    // 12.76 as it stands in the table, not 12.760000228881836.
    typeof value === "number" ? shortestFloat32(value) : value,
  );
  return Object.fromEntries(features.map(({ name }, index) => [name, values[index] ?? null]));
}

function exampleRows({ table, outcome, answers }: CheckedModel) {
  const texts = textsOf(table);
  if (texts !== undefined) return typicalTexts(texts, outcome, answers);
  if (outcome.task === "embedding") return [];
  if (outcome.task === "regression") {
    const values = (answers.values ?? []).map(([first = 0]) => first);
    return typicalRows(table, { task: "regression", values });
  }
  const { labels, classes } = outcome;
  const predicted = (answers.classes ?? []).map((index) => classes.labels[index]);
  return typicalRows(table, { task: "classification", classes: classes.labels, labels, predicted });
}

/** What a new contract is called and may take. */
interface ContractOptions {
  readonly name: string;
  readonly title: string | undefined;
  readonly domain: NumberDomain;
  /** Path of the table, for messages. */
  readonly data: string;
}

function tableFeatures({ features }: TrainingTable, domain: NumberDomain): FeatureSpec[] {
  return features.map((column) => featureOf(column, domain));
}

/** The contract that a table and a model make; refuses what no contract can say, with the rule. */
export function newContract(checked: CheckedModel, options: ContractOptions): Contract {
  const { table } = checked;
  const { name } = options;
  const title = shown(options.title ?? columnName(name).label) || name;
  const features = tableFeatures(table, options.domain);
  const [example, ...examples] = exampleRows(checked).map(({ name: called, row }) => ({
    name: shown(called),
    features: asRequested(table, features, row),
  }));
  if (example === undefined) throw new Refusal(`${options.data}: has no row for an example`);
  const count = `${features.length} ${features.length === 1 ? "feature" : "features"}`;
  const base = {
    name,
    title,
    features,
    about: { row_count: table.rows.length },
    examples: [example, ...examples] as const,
  };
  const contract = contractOf(checked, base, title, count);
  const problem = contractProblem(contract);
  if (problem !== undefined) {
    throw new Refusal(`${options.data}: cannot become a contract: ${problem}`);
  }
  return contract;
}

type Base = Pick<Contract, "name" | "title" | "features" | "about" | "examples">;

function contractOf(
  { table, outcome }: CheckedModel,
  base: Base,
  title: string,
  count: string,
): Contract {
  if (outcome.task === "embedding") {
    const { dimensions } = outcome;
    const description = `A vector of ${dimensions} numbers for a text of ${title}: texts of like meaning have like vectors.`;
    return { task: "embedding", ...base, description, dimensions };
  }
  return outcome.task === "classification"
    ? {
        task: "classification",
        ...base,
        description: `Which of ${outcome.classes.labels.length} classes a row of ${title} belongs to, from ${count}.`,
        classes: outcome.classes.labels,
        ...(outcome.withoutProba !== undefined && { probabilities: false }),
      }
    : {
        task: "regression",
        ...base,
        description: `Predicts ${table.targets.map(shown).join(", ")} of a row of ${title}, from ${count}.`,
        targets: table.targets.map(targetOf),
      };
}
