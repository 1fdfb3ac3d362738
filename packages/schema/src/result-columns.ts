import type { Contract } from "./define-contract.ts";

/** Columns that a scored file has after those of the input: the prediction and what was wrong with the row. */
export function resultColumns({ classes }: Contract): readonly string[] {
  return ["class", "label", "confidence", ...classes.map((label) => `proba_${label}`), "error"];
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
