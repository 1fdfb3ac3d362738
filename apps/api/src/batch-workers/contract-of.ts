import { contracts } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import { SepalError } from "@sepal/schema/sepal-error";

const known: Readonly<Record<string, Contract>> = contracts;

/** The contract that a job names; the main thread has the same ones. */
export function contractOf(name: string): Contract {
  const contract = known[name];
  if (contract === undefined) throw new SepalError("internal", `no contract ${name}`);
  return contract;
}
