import type { Contract } from "./define-contract.ts";

/** Columns that a scored file has after those of the input: the answer and what was wrong with the row. */
export function resultColumns({ classes }: Contract): readonly string[] {
  return ["class", "label", "confidence", ...classes.map((label) => `proba_${label}`), "error"];
}

/** Names of the input's columns in a scored file: one that a result column has is put behind `input_`. */
export function inputColumns(names: readonly string[], contract: Contract): readonly string[] {
  const results = resultColumns(contract);
  const taken = new Set([...names, ...results]);
  return names.map((name) => {
    if (!results.includes(name)) return name;
    let free = `input_${name}`;
    while (taken.has(free)) free = `input_${free}`;
    return free;
  });
}
