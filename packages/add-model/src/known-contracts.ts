import { isDeepStrictEqual } from "node:util";
import { scanContracts, tryContract } from "@sepal/model/repository/contract-files";
import { contracts } from "@sepal/schema/contracts/index";
import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import { rowSchemas } from "@sepal/schema/feature-schema";
import { RESERVED_NAMES } from "@sepal/schema/reserved-names";
import { validationDetail } from "@sepal/schema/validation-detail";
import { requestRow, type TrainingTable } from "./table/training-table.ts";
import { Refusal } from "./refusal.ts";

/** Contracts that a server of the workspace has, by name. */
export interface KnownContracts {
  readonly compiled: ReadonlyMap<string, Contract>;
  readonly mounted: ReadonlyMap<string, Contract>;
}

/** Reads the contracts that are compiled in and those that a model repository mounts. */
export async function knownContracts(repository: string): Promise<KnownContracts> {
  const mounted = new Map<string, Contract>();
  for (const file of await scanContracts(repository)) {
    const outcome = await tryContract(file);
    if ("contract" in outcome) mounted.set(file.name, outcome.contract);
  }
  return { compiled: new Map(Object.entries(contracts)), mounted };
}

/** What a model takes of a feature. */
function taken(spec: FeatureSpec) {
  const { name, type, nullable = false } = spec;
  return { name, type, nullable, values: spec.type === "category" ? spec.values : [] };
}

/** What a model gives. */
function given(contract: Contract): object {
  if (contract.task === "regression") return contract.targets.map(({ name }) => name);
  if (contract.task === "embedding") return { dimensions: contract.dimensions };
  const { classes, probabilities = true } = contract;
  return { classes, probabilities };
}

/** A known contract that takes and gives the same as another. */
export function findContract(
  { compiled, mounted }: KnownContracts,
  wanted: Contract,
  name: string | undefined,
): Contract | undefined {
  return [...compiled.values(), ...mounted.values()].find(
    (each) =>
      (name === undefined || each.name === name) &&
      isDeepStrictEqual(given(each), given(wanted)) &&
      isDeepStrictEqual(each.features.map(taken), wanted.features.map(taken)),
  );
}

function outcomes(contract: Contract): string {
  if (contract.task === "embedding") return `it has ${contract.dimensions} dimensions`;
  if (contract.task === "regression") {
    return `its targets ${contract.targets.map(({ name }) => name).join(", ")}`;
  }
  const without = contract.probabilities === false ? ", without probabilities" : "";
  return `its classes ${contract.classes.join(", ")}${without}`;
}

function described(contract: Contract): string {
  const features = contract.features.map(({ name }) => name).join(", ");
  return `its features are ${features} and ${outcomes(contract)}`;
}

/** Refuses a name that no contract can have. */
export function requireName(name: string): void {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name) || RESERVED_NAMES.has(name)) {
    throw new Refusal(
      `the contract cannot be called "${name}": a name is snake_case, of at most 63 characters, and begins no route of the server; give one with --contract-name`,
    );
  }
}

/** Refuses a name for a new contract that another contract has. */
export function requireFreeName(
  { compiled, mounted }: KnownContracts,
  wanted: Contract,
  force: boolean,
): void {
  const { name } = wanted;
  const other = compiled.get(name) ?? (force ? undefined : mounted.get(name));
  if (other === undefined) return;
  throw new Refusal(
    `there is another contract "${name}": ${described(other)}; of the model and its data ${described(wanted)}. Give another --contract-name, or rename the columns`,
  );
}

/** Refuses rows that break the contract's bounds, with the place. */
export function requireRows(
  contract: Contract,
  table: TrainingTable,
  { path, isNew }: { readonly path: string; readonly isNew: boolean },
): void {
  const { list } = rowSchemas(contract);
  const { features, rows } = table;
  for (const [row, numbers] of rows.entries()) {
    const values = requestRow(table, contract.features, numbers);
    const parsed = list.safeParse(values);
    if (parsed.success) continue;
    const [entry] = validationDetail(parsed.error.issues, values).entries;
    const column = features[Number(entry?.loc[1])]?.heading ?? "";
    throw new Refusal(
      `${path}: row ${row + 1}, column "${column}", holds ${String(entry?.input)}: ${entry?.msg}, as the contract ${contract.name} has it; ${isNew ? "--domain gives another rule" : "a contract of its own, named with --contract-name, may take it"}`,
    );
  }
}
