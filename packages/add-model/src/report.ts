import type { Contract, NumberFeature } from "@sepal/schema/define-contract";
import type { CheckedModel } from "./check-model.ts";
import type { AddedModel } from "./stage-model.ts";

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** What the copy has otherwise than the file. */
function changes({ checked }: AddedModel): string[] {
  const { signature, plan, table, outcome } = checked;
  const { inputs } = signature;
  const [first] = inputs;
  const names = inputs.map(({ name }) => name).join(", ");
  const lines: string[] = [];
  if (signature.isText) {
    if (names !== "text" || first?.rank === 1)
      lines.push(`input ${names} is called text, STRING [n, 1]`);
    lines.push("upper and lower case are those of the locale C, which every machine has");
  } else if (inputs.length > 1) lines.push(`the inputs ${names} are made of one, features FLOAT`);
  else if (first?.datatype === "float64") {
    lines.push("the input is DOUBLE: features arrive as FLOAT and are cast");
  } else if (first?.datatype !== "FP32") {
    lines.push(`the input ${names} is made of features FLOAT`);
  } else if (names !== "features") lines.push(`input ${names} is called features`);
  if (signature.zipMap) {
    lines.push(
      "the ZipMap at its end is cut off, because it makes a list of dictionaries where clients need a tensor",
    );
  }
  if (first !== undefined && first.batch !== -1) {
    lines.push(`it took ${first.batch} rows at a time, and takes any number`);
  }
  const { outputs } = plan;
  if (outputs.task === "classification" && outputs.proba !== undefined) {
    const { name, ending } = outputs.proba;
    const how = {
      none: "",
      softmax: ", after a Softmax",
      sigmoid: ", after a Sigmoid, with that of the first class before it",
      complement: ", with that of the first class before it",
    };
    if (name !== "proba" || ending !== "none") {
      lines.push(`${name} is called proba${how[ending]}`);
    }
  }
  if (outputs.task === "classification" && outputs.label === undefined) {
    lines.push("class is the likeliest class");
  } else if (outputs.task === "classification" && outputs.label?.name !== "class") {
    lines.push(`${outputs.label?.name} is called class, as the place of a label among the classes`);
  }
  if (signature.unserved.length > 0) lines.push(`not served: ${signature.unserved.join(", ")}`);
  if (outcome.task === "classification" && outcome.unlikely > 0) {
    lines.push(
      `class is the model's own, OTHER than its likeliest class on ${outcome.unlikely} of ${table.rows.length} rows`,
    );
  }
  return lines;
}

/** Most values of a category that the report lists. */
const SHOWN = 20;

function someOf(values: readonly string[]): string {
  const more = values.length > SHOWN ? `, … (${values.length - SHOWN} more)` : "";
  return `${values.slice(0, SHOWN).join(", ")}${more}`;
}

/** How the columns of the table were understood. */
function columns(added: AddedModel): string[] {
  const { table } = added.checked;
  const embeds = added.checked.outcome.task === "embedding";
  const lines = [
    embeds
      ? `"${table.features[0]?.heading}" is taken for the text${table.targets.length > 0 ? `, "${table.targets[0]}" for its label; --target names another` : ""}`
      : `${table.targets.map((heading) => `"${heading}"`).join(", ")} ${table.targets.length === 1 ? "is" : "are"} taken for what is predicted; --target names another`,
  ];
  for (const { heading, coded, kind, values } of table.features) {
    if (kind === "category" && !coded) {
      lines.push(`"${heading}" is one of ${values.length} texts: ${someOf(values)}`);
    }
    if (!coded) continue;
    const codes = values.map((value, code) => `${code} ${value}`).join(", ");
    lines.push(`"${heading}" goes to the model as codes: ${codes}; --codes gives another order`);
  }
  const nullable = table.features.filter((feature) => feature.nullable);
  if (nullable.length > 0) {
    lines.push(`may be missing: ${nullable.map(({ heading }) => `"${heading}"`).join(", ")}`);
  }
  if (table.unwanted.length > 0) {
    lines.push(
      `not taken by the model: ${table.unwanted.map((heading) => `"${heading}"`).join(", ")}`,
    );
  }
  for (const feature of table.features) {
    if (feature.heading === feature.name) continue;
    lines.push(`"${feature.heading}" is ${feature.name}${feature.unit && ` in ${feature.unit}`}`);
  }
  return lines;
}

/** Whether a number may be any finite one. */
function isUnbounded({ minimum, exclusive_minimum: above, maximum }: NumberFeature): boolean {
  return minimum === undefined && above === undefined && maximum === undefined;
}

function outcomes(contract: Contract): string {
  if (contract.task === "embedding") return `a vector of ${contract.dimensions} numbers`;
  return contract.task === "regression"
    ? `${contract.targets.length} ${contract.targets.length === 1 ? "target" : "targets"}: ${contract.targets.map(({ name }) => name).join(", ")}`
    : `${contract.classes.length} classes: ${contract.classes.join(", ")}`;
}

function unknowns({ checked, contract, isNew }: AddedModel): string[] {
  const { table, outcome, isExpected } = checked;
  const lines = [
    `whether ${table.rows.length} rows are what the model was trained on, and how they were split: the accuracy may flatter it`,
    "who may use the model and the data: their licence",
  ];
  if (!isExpected) {
    lines.push(
      "whether the export answers as the estimator did: the golden rows are the model's own answers and show changes only; --expected compares with the library's",
    );
  }
  if (isNew) {
    const without = contract.features.filter(
      (spec) => (spec.type === "number" || spec.type === "integer") && spec.unit === undefined,
    ).length;
    if (without > 0)
      lines.push(`the units of ${without} features, and better labels than their headings`);
    if (contract.features.some((spec) => spec.type === "number" && isUnbounded(spec)))
      lines.push(
        "which numbers a feature can be: any finite one is taken; --domain positive or nonnegative is stricter",
      );
    lines.push(
      `what "${contract.name}" is about: its title, description and examples are made from the data`,
    );
  }
  if (outcome.task !== "classification") return lines;
  const { classes, accuracy } = outcome;
  if (classes.from === "sorted") {
    lines.push(
      `the names of the classes: the file numbers them, so they are taken as sorted: ${classes.labels.join(", ")}`,
    );
  }
  if (classes.from === "data") {
    lines.push(
      `the names of the classes: the file numbers them, so each has the name that most of its rows have: ${classes.labels.join(", ")}`,
    );
  }
  if (accuracy.right / accuracy.rows <= accuracy.baseline) {
    lines.push(
      `why the model is no better than always answering the most frequent class (${percent(accuracy.baseline)}): are the columns in the order it was trained with?`,
    );
  }
  return lines;
}

function section(title: string, lines: readonly string[]): string {
  return `${title}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function probabilities({ outcome }: CheckedModel): string[] {
  if (outcome.task !== "classification") return ["every value is finite"];
  return outcome.withoutProba === undefined
    ? ["every probability is finite, and those of a row add up to 1"]
    : [`served are its labels alone: ${outcome.withoutProba}`];
}

/** How well the model predicts the table. */
function fit({ outcome }: CheckedModel): string[] {
  if (outcome.task === "regression") {
    return outcome.measures.map(
      ({ target, r2, mae }) =>
        `${target}: R² ${r2.toFixed(3)}, ${Number(mae.toPrecision(3))} away in the mean`,
    );
  }
  if (outcome.task === "embedding") return [];
  const { right, rows, baseline } = outcome.accuracy;
  return [
    `right on ${right} of ${rows} rows, ${percent(right / rows)}; always the most frequent class: ${percent(baseline)}`,
  ];
}

/** What was found, what was written and what could not be known, as text. */
export function report(added: AddedModel): string {
  const { checked, contract, isNew, name, written, kept } = added;
  const { table, family, exporter, isExpected, outcome } = checked;
  return [
    section("Checked", [
      `${family}, ${contract.features.length} features, ${outcomes(contract)}`,
      ...fit(checked),
      ...checked.notes,
      `made by ${exporter}; the copy answers as the file did on every row`,
      ...(isExpected ? ["it answers as the library did on every row"] : []),
      ...probabilities(checked),
      "it loads and answers as in the server",
    ]),
    section("Columns", columns(added)),
    section("Changed in the copy of the model", changes(added)),
    section("Written", [
      ...written,
      isNew
        ? `a new contract, "${contract.name}"`
        : `the contract "${contract.name}" has the same features and ${contract.task === "regression" ? "targets" : "classes"}, so it is used`,
      ...(kept < table.rows.length
        ? [`${kept} rows of ${table.rows.length}, evenly spread, are kept as the data set`]
        : []),
    ]),
    ...(outcome.task === "embedding"
      ? [
          section("Published", [
            `POST /${contract.name}/search returns the texts of the table, and their labels, to whoever may call; delete index.json and its line of manifest.json to search nothing`,
          ]),
        ]
      : []),
    section("Not known", unknowns(added)),
    section("Next", [
      `a server that runs takes ${isNew ? "contract and model" : "the model"} up by itself`,
      `POST /${contract.name}/predict  {"features":${JSON.stringify(contract.examples[0].features)},"model_name":"${name}"}`,
    ]),
  ].join("\n");
}
