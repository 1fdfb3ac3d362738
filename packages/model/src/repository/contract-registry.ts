import { isDeepStrictEqual } from "node:util";
import type { Contract } from "@sepal/schema/define-contract";

/** Finds contracts by name. */
export type ContractLookup = Pick<ReadonlyMap<string, Contract>, "get">;

/** The contracts of a server: those compiled into it, and those that its repository mounts and takes away. */
export class ContractRegistry implements ContractLookup {
  readonly #compiled: ReadonlyMap<string, Contract>;
  #mounted: ReadonlyMap<string, Contract> = new Map();
  /** Files that are no contract, or not the one that serves, by name, with the reason. */
  faults: ReadonlyMap<string, string> = new Map();

  constructor(compiled: Readonly<Record<string, Contract>>) {
    this.#compiled = new Map(Object.entries(compiled));
  }

  /** Name of the program's first. */
  get first(): string {
    const [name = ""] = this.#compiled.keys();
    return name;
  }

  get(name: string): Contract | undefined {
    return this.#compiled.get(name) ?? this.#mounted.get(name);
  }

  /** Whether a name belongs to the program, so that no file may have it. */
  isCompiled(name: string): boolean {
    return this.#compiled.has(name);
  }

  /** Those of the repository, by name. */
  mounted(): Contract[] {
    return [...this.#mounted.values()];
  }

  /** All of them: compiled ones first, each kind by name. */
  all(): Contract[] {
    return [...this.#compiled.values(), ...this.#mounted.values()];
  }

  /** Takes these instead of the mounted ones; one that is equal to a known one stays the same object. */
  mount(contracts: readonly Contract[]): void {
    this.#mounted = new Map(
      contracts
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((contract) => {
          const known = this.#mounted.get(contract.name);
          return [
            contract.name,
            isDeepStrictEqual(known, contract) ? (known ?? contract) : contract,
          ];
        }),
    );
  }
}

/** The contract of a name; throws where there is none. */
export function contractNamed(contracts: ContractLookup, name: string): Contract {
  const contract = contracts.get(name);
  if (contract === undefined) throw new Error(`there is no contract ${JSON.stringify(name)}`);
  return contract;
}
