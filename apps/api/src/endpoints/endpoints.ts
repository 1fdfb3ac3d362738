import { contracts, defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import { DEFAULT_LIMITS } from "@sepal/schema/limits";
import { contractEndpoints, legacyEndpoints } from "./contract-endpoints.ts";
import type { EndpointOptions } from "./endpoint.ts";
import { healthEndpoints } from "./health-endpoints.ts";
import { jobEndpoints } from "./job-endpoints.ts";
import { modelEndpoints } from "./model-endpoints.ts";

type Contracts = typeof contracts;
type ContractEndpoints<T> =
  T extends Contract<infer F, infer C> ? ReturnType<typeof contractEndpoints<F, C>> : never;

function endpointsByContract(options: EndpointOptions) {
  const entries = Object.entries<Contract>(contracts).map(([name, contract]) => [
    name,
    contractEndpoints(contract, `/${name}`, options),
  ]);
  // Each contract under its own name: the mapped type knows that, `fromEntries` does not.
  return Object.fromEntries(entries) as { [K in keyof Contracts]: ContractEndpoints<Contracts[K]> };
}

/** The endpoints of every server by name: the default contract's at the root, and every contract's under its name. */
export function createEndpoints({
  limits = DEFAULT_LIMITS,
  maxFileBytes = Infinity,
  workers,
}: Partial<EndpointOptions> = {}) {
  const options = { limits, maxFileBytes, workers };
  const ownEndpoints = contractEndpoints(defaultContract, "", options);
  return {
    ...ownEndpoints,
    ...legacyEndpoints(defaultContract, options),
    ...endpointsByContract(options),
    jobs: { ...ownEndpoints.jobs, ...jobEndpoints() },
    ...healthEndpoints(),
    models: modelEndpoints(),
  };
}
