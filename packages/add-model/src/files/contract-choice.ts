import { contracts } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import { featureVector } from "@sepal/schema/feature-schema";
import { validationDetail } from "@sepal/schema/validation-detail";
import { Refusal } from "../refusal.ts";
import type { TrainingTable } from "../table/training-table.ts";
import { constantName } from "./contract-source.ts";

const compiled: Readonly<Record<string, Contract>> = contracts;

/** Names that a router or an object already has, or that a route of the server begins with. */
const TAKEN =
  /^(?:constructor|prototype|then|apply|call|bind|name|length|toString|valueOf|predict|explain|models|jobs|health|metrics|docs|redoc|openapi|trpc|login|admin|v\d+)$/i;

/** JavaScript's own words, which cannot name the constant of a contract. */
const RESERVED =
  /^(?:await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield|contracts|arguments|eval)$/;

interface Wanted {
  readonly table: TrainingTable;
  readonly classes: readonly string[];
}

function sameNames(contract: Contract, { table, classes }: Wanted): boolean {
  const features = (of: readonly { readonly name: string }[]) =>
    of.map(({ name }) => name).join("\n");
  return (
    features(contract.features) === features(table.features) &&
    contract.classes.join("\n") === classes.join("\n")
  );
}

/** A contract of the server with the same features and classes in the same order. */
export function findContract(wanted: Wanted, name: string | undefined): Contract | undefined {
  const all = Object.values(compiled);
  return all.find((each) => (name === undefined || each.name === name) && sameNames(each, wanted));
}

/** Refuses a name for a new contract that is none, or that another contract has. */
export function requireFreeName(name: string, { table, classes }: Wanted, force: boolean): void {
  const constant = constantName(name);
  if (!/^[a-z][a-z0-9_]*$/.test(name) || TAKEN.test(name) || RESERVED.test(constant)) {
    throw new Refusal(
      `the contract cannot be called "${name}": a name is snake_case, is no word of TypeScript and begins no route of the server; give one with --contract-name`,
    );
  }
  const other = Object.hasOwn(compiled, name) ? compiled[name] : undefined;
  if (other === undefined || force) return;
  throw new Refusal(
    `there is a contract "${name}" with other names: its features are ${other.features.map((feature) => feature.name).join(", ")} and its classes ${other.classes.join(", ")}; the data has ${table.features.map((feature) => feature.name).join(", ")} and ${classes.join(", ")}. Give another --contract-name, or rename the columns`,
  );
}

/** Refuses rows that break the contract's rule for numbers, with the place. */
export function requireRows(
  contract: Contract,
  { features, rows }: TrainingTable,
  path: string,
): void {
  const schema = featureVector(contract);
  for (const [row, values] of rows.entries()) {
    const parsed = schema.safeParse(values);
    if (parsed.success) continue;
    const [entry] = validationDetail(parsed.error.issues, values).entries;
    const column = features[Number(entry?.loc[1])]?.heading ?? "";
    throw new Refusal(
      `${path}: row ${row + 1}, column "${column}", holds ${String(entry?.input)}: ${entry?.msg}, as the contract ${contract.name} has it (domain: ${contract.domain})`,
    );
  }
}
