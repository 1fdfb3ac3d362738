import { contracts } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import { SepalError } from "@sepal/schema/sepal-error";
import type { RequestLimits } from "@sepal/schema/limits";
import { predictBatchRequest } from "@sepal/schema/predict";
import * as z from "zod";
import { predictBatchOperation } from "../operations/predict-batch.ts";
import { RowEncoder } from "./encode-batch.ts";

const known: Readonly<Record<string, Contract>> = contracts;

/** The contract that a job names; the main thread has the same ones. */
export function contractOf(name: string): Contract {
  const contract = known[name];
  if (contract === undefined) throw new SepalError("internal", `no contract ${name}`);
  return contract;
}

function makeTools(contract: Contract, limits: RequestLimits) {
  const lenientSchema = predictBatchRequest(contract, { lenient: true, limits });
  return {
    contract,
    strict: predictBatchOperation(contract, limits).input,
    lenient: z.compile(lenientSchema),
    encoder: new RowEncoder(contract.classes),
  };
}

const made = new Map<string, ReturnType<typeof makeTools>>();

/** What batches of a contract need, by its name; made once a thread. */
export function batchTools(name: string, limits: RequestLimits) {
  const tools = made.get(name) ?? makeTools(contractOf(name), limits);
  made.set(name, tools);
  return tools;
}
