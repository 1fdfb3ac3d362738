import { contracts, defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import { DEFAULT_LIMITS } from "@sepal/schema/limits";
import { contractEndpoints, legacyEndpoints } from "./contract-endpoints.ts";
import { contractListEndpoints } from "./contract-list-endpoints.ts";
import { isEndpoint, type EndpointOptions, type Endpoints } from "./endpoint.ts";
import { healthEndpoints } from "./health-endpoints.ts";
import { jobEndpoints } from "./job-endpoints.ts";
import { modelEndpoints } from "./model-endpoints.ts";

type Contracts = typeof contracts;
type ContractEndpoints<C extends Contract> = ReturnType<typeof contractEndpoints<C>>;

/** The endpoints that every server has, as its compiler knows them. */
type CompiledEndpoints = { [K in keyof Contracts]: ContractEndpoints<Contracts[K]> };

type RootEndpoints = ContractEndpoints<typeof defaultContract> & ReturnType<typeof legacyEndpoints>;

/** The contracts of a server at one time. */
export interface ServedContracts {
  readonly all: readonly Contract[];
  /** The one whose routes need no prefix; `undefined` where there is no default model. */
  readonly root: Contract | undefined;
}

const COMPILED: ServedContracts = { all: Object.values(contracts), root: defaultContract };

/** Endpoints without those of tRPC, whose types are of another contract. */
function withoutProcedures(endpoints: Endpoints): Endpoints {
  const entries = Object.entries(endpoints).flatMap(
    ([name, entry]): [string, Endpoints[string]][] => {
      if (typeof entry === "function") return [];
      if (!isEndpoint(entry)) return [[name, withoutProcedures(entry)]];
      return [[name, entry.kind === "json" ? { ...entry, trpc: false } : entry]];
    },
  );
  return Object.fromEntries(entries);
}

/** Makes the endpoints of contracts, each once: as long as a contract is the same object, so are they. */
export class EndpointFactory {
  readonly #options: EndpointOptions;
  readonly #made = new WeakMap<Contract, Endpoints>();
  readonly #roots = new WeakMap<Contract, Endpoints>();

  constructor({
    limits = DEFAULT_LIMITS,
    maxFileBytes = Infinity,
    workers,
  }: Partial<EndpointOptions> = {}) {
    this.#options = { limits, maxFileBytes, workers };
  }

  /** The endpoints of a contract under its name; throws where they cannot be made. */
  of(contract: Contract): Endpoints {
    const endpoints =
      this.#made.get(contract) ?? contractEndpoints(contract, `/${contract.name}`, this.#options);
    this.#made.set(contract, endpoints);
    return endpoints;
  }

  /** All endpoints: the root contract's without a prefix, and every contract's under its name. */
  endpoints({ all, root }: ServedContracts = COMPILED) {
    const byName = Object.fromEntries(all.map((contract) => [contract.name, this.of(contract)]));
    const common = {
      ...healthEndpoints(),
      models: modelEndpoints(),
      contracts: contractListEndpoints(),
    };
    const own = root === undefined ? {} : this.#rootOf(root);
    const jobs = { ...Object(own["jobs"]), ...jobEndpoints() };
    // Those of the program are there whatever is mounted, and at the root where it is its default.
    return { ...own, ...byName, ...common, jobs } as unknown as RootEndpoints &
      CompiledEndpoints &
      typeof common & { jobs: RootEndpoints["jobs"] & ReturnType<typeof jobEndpoints> };
  }

  #rootOf(root: Contract): Endpoints {
    const known = this.#roots.get(root);
    if (known !== undefined) return known;
    const all = {
      ...contractEndpoints(root, "", this.#options),
      ...legacyEndpoints(root, this.#options),
    };
    const endpoints = root === defaultContract ? all : withoutProcedures(all);
    this.#roots.set(root, endpoints);
    return endpoints;
  }
}

/** The endpoints of a server with the program's own contracts. */
export function createEndpoints(options: Partial<EndpointOptions> = {}) {
  return new EndpointFactory(options).endpoints();
}
