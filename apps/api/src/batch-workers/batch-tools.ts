import type { ModelRegistry } from "@sepal/model/repository/registry";
import type { Contract } from "@sepal/schema/define-contract";
import { SepalError } from "@sepal/schema/sepal-error";
import type { RequestLimits } from "@sepal/schema/limits";
import { predictBatchRequest } from "@sepal/schema/predict";
import { rowEncoder } from "@sepal/schema/row-encoding";
import * as z from "zod";
import { predictBatchOperation } from "../operations/predict-batch.ts";
import { BatchEncoder } from "./encode-batch.ts";

/** The contract that a job names; a mounted one may be gone by now. */
export function contractOf(name: string, { contracts }: ModelRegistry): Contract {
  const contract = contracts.get(name);
  if (contract === undefined) throw new SepalError("not_found", `there is no contract "${name}"`);
  return contract;
}

function makeTools(contract: Contract, limits: RequestLimits) {
  const lenientSchema = predictBatchRequest(contract, { lenient: true, limits });
  return {
    contract,
    strict: predictBatchOperation(contract, limits).input,
    lenient: z.compile(lenientSchema),
    encode: rowEncoder(contract),
    encoder: new BatchEncoder(contract),
  };
}

const made = new WeakMap<Contract, ReturnType<typeof makeTools>>();

/** What batches of a contract need; made once a thread. */
export function batchTools(name: string, registry: ModelRegistry, limits: RequestLimits) {
  const contract = contractOf(name, registry);
  const tools = made.get(contract) ?? makeTools(contract, limits);
  made.set(contract, tools);
  return tools;
}
