import { fileOfContract } from "@sepal/schema/contract-schema";
import type { Contract } from "@sepal/schema/define-contract";
import { SepalError } from "@sepal/schema/sepal-error";
import * as z from "zod";
import type { CallContext } from "../context.ts";
import type { Operation } from "./operation.ts";

/** What every contract has, for the document: its whole form is a JSON Schema of its own, whose unions generators choke on. */
const contractFile = z
  .looseObject({
    format: z.literal(1).meta({ override: { type: "integer" } }),
    name: z.string(),
    title: z.string(),
    description: z.string(),
    task: z.enum(["classification", "regression", "embedding"]),
    features: z.array(
      z.looseObject({
        type: z.enum(["number", "integer", "boolean", "category", "text"]),
        name: z.string(),
        label: z.string(),
      }),
    ),
    examples: z.array(z.looseObject({ name: z.string() })),
  })
  .meta({
    id: "Contract",
    description: "In the form of `contracts/<name>.json`: contract.schema.json.",
  });

type ContractView = z.infer<typeof contractFile>;

/** A contract as its file has it, of which the type says what every contract has. */
function view(contract: Contract): ContractView {
  return Object.assign(Object.create(null), fileOfContract(contract));
}

const contractList = z.object({ contracts: z.array(contractFile) });

/** Every contract as its file has it. */
export const listContracts = {
  input: z.strictObject({}).optional(),
  output: contractList,
  run(_input: object | undefined, { services }: CallContext) {
    return { contracts: services.registry.contracts.all().map(view) };
  },
} satisfies Operation<object | undefined, { contracts: ContractView[] }>;

const contractName = z.strictObject({ contract: z.string().min(1).max(128) });

/** One contract. */
export const getContract = {
  input: contractName,
  output: contractFile,
  run({ contract: name }: z.infer<typeof contractName>, { services }: CallContext) {
    const contract = services.registry.contracts.get(name);
    if (contract !== undefined) return view(contract);
    throw new SepalError("not_found", `there is no contract "${name}"`);
  },
} satisfies Operation<z.infer<typeof contractName>, ContractView>;
