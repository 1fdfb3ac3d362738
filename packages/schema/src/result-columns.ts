import type { Contract } from "./define-contract.ts";

/** Columns of a prediction in a scored file. */
function predictionColumns(contract: Contract): readonly string[] {
  if (contract.task === "regression") {
    return contract.targets.map(({ name }) => `predicted_${name}`);
  }
  if (contract.task === "embedding") return ["embedding"];
  if (contract.probabilities === false) return ["class", "label"];
  return ["class", "label", "confidence", ...contract.classes.map((label) => `proba_${label}`)];
}

/** Columns that a scored file has after those of the input: the prediction and what was wrong with the row. */
export function resultColumns(contract: Contract): readonly string[] {
  return [...predictionColumns(contract), "error"];
}

/** The same beside columns, or keys, of the input: a result's name that is taken gets `_2`, `_3` and so on. */
export function resultColumnsBeside(
  input: readonly string[],
  contract: Contract,
): readonly string[] {
  const names = resultColumns(contract);
  const inputs = new Set(input);
  if (!names.some((name) => inputs.has(name))) return names;
  const taken = new Set([...inputs, ...names]);
  return names.map((name) => {
    if (!inputs.has(name)) return name;
    let number = 2;
    while (taken.has(`${name}_${number}`)) number += 1;
    taken.add(`${name}_${number}`);
    return `${name}_${number}`;
  });
}
