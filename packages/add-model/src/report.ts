import type { AddedModel } from "./stage-model.ts";

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

function changes({ checked }: AddedModel): string[] {
  const { signature, otherLabels, table } = checked;
  const { input, proba, label, labelIsIndex, zipMap } = signature;
  const lines = [`input ${input.name} is called features, ${proba.name} is called proba`];
  if (input.datatype !== "FP32")
    lines.push("the input is DOUBLE: features arrive as FLOAT and are cast");
  if (proba.datatype !== "FP32") lines.push("the probabilities are DOUBLE: they leave as FLOAT");
  if (zipMap) {
    lines.push(
      'the ZipMap at its end is cut off, because it makes a list of dictionaries where clients need a tensor; an export with options={id(estimator): {"zipmap": False}} has none',
    );
  }
  if (labelIsIndex && label !== undefined) lines.push(`${label.name} is called class`);
  else {
    const differ =
      otherLabels === 0
        ? "the same as the model's own label on every row"
        : `OTHER than the model's own label on ${otherLabels} of ${table.rows.length} rows`;
    lines.push(`class is the likeliest class${label === undefined ? "" : `, ${differ}`}`);
  }
  return lines;
}

function unknowns({ checked, contract, isNew }: AddedModel): string[] {
  const { table, classes, accuracy, signature, otherLabels } = checked;
  const lines = [
    `whether ${table.rows.length} rows are what the model was trained on, and how they were split: the accuracy may flatter it`,
    "whether the export answers as the estimator did: the golden rows are the model's own answers and show changes only",
    "who may use the model and the data: their licence",
  ];
  if (isNew) {
    const without = table.features.filter(({ unit }) => unit === "").length;
    if (without > 0)
      lines.push(`the units of ${without} features, and better labels than their headings`);
    if (contract.domain === "finite")
      lines.push(
        "which numbers a feature can be: any finite one is taken; --domain positive or nonnegative is stricter",
      );
    lines.push(
      `what "${contract.name}" is about: its title, description and examples are made from the data`,
    );
  }
  const proven = signature.label?.datatype === "string" && otherLabels === 0;
  if (classes.from === "sorted" && !proven) {
    lines.push(
      `the names of the classes: the file numbers them, so they are taken as sorted: ${classes.labels.join(", ")}`,
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

/** What was found, what was written and what could not be known, as text. */
export function report(added: AddedModel): string {
  const { checked, contract, isNew, name, written, kept } = added;
  const { table, accuracy, family } = checked;
  const renamed = table.features.filter((feature) => feature.heading !== feature.name);
  return [
    section("Checked", [
      `${family}, ${contract.features.length} features, ${contract.classes.length} classes: ${contract.classes.join(", ")}`,
      `right on ${accuracy.right} of ${accuracy.rows} rows, ${percent(accuracy.right / accuracy.rows)}; always the most frequent class: ${percent(accuracy.baseline)}`,
      "every probability is finite, and those of a row add up to 1",
      "it loads and answers as in the server",
    ]),
    section("Changed in the copy of the model", changes(added)),
    ...(renamed.length === 0
      ? []
      : [
          section(
            "Columns under other names",
            renamed.map(
              (feature) =>
                `"${feature.heading}" is ${feature.name}${feature.unit && ` in ${feature.unit}`}`,
            ),
          ),
        ]),
    section("Written", [
      ...written,
      isNew
        ? `a new contract, "${contract.name}"`
        : `the contract "${contract.name}" has the same features and classes, so it is used`,
      ...(kept < table.rows.length
        ? [`${kept} rows of ${table.rows.length}, evenly spread, are kept as the data set`]
        : []),
    ]),
    section("Not known", unknowns(added)),
    section("Next", [
      ...(isNew
        ? [
            "npx -y pnpm@12 start, which builds the playground anew; server and clients then know the contract",
          ]
        : []),
      `POST /${contract.name}/predict  {"features":${JSON.stringify(contract.examples[0].features)},"model_name":"${name}"}`,
    ]),
  ].join("\n");
}
