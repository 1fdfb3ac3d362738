import { fileOfContract } from "@sepal/schema/contract-schema";
import { contracts, defaultContract } from "@sepal/schema/contracts/index";
import { getContract, listContracts } from "../operations/contracts.ts";
import { json } from "./endpoint.ts";
import { withEntityTag } from "../http/entity-tag.ts";

const tag = "contracts";

/** The contracts of the server as data. */
export function contractListEndpoints() {
  return {
    list: json({
      operation: listContracts,
      rest: { method: "GET", path: "/contracts" },
      trpc: "query",
      wrap: withEntityTag,
      tag,
      summary: "List the contracts",
      description:
        "Compiled and mounted contracts, in the form of `contracts/<name>.json` in the model repository.",
      example: () => ({ response: { contracts: Object.values(contracts).map(fileOfContract) } }),
    }),
    get: json({
      operation: getContract,
      rest: { method: "GET", path: "/contracts/:contract" },
      trpc: "query",
      wrap: withEntityTag,
      tag,
      summary: "Get a contract",
      description: "In the form of `contracts/<name>.json` in the model repository.",
      errors: ["not_found"],
      example: () => ({ response: fileOfContract(defaultContract) }),
    }),
  };
}
