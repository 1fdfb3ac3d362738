import { contracts } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import { featureObject, featureRow } from "@sepal/schema/feature-schema";
import { predictBatchRequest, predictRequest } from "@sepal/schema/predict";
import type * as z from "zod";
import type { Plain } from "./router-view.ts";

function schemasOf<C extends Contract>(contract: C) {
  return {
    row: featureRow(contract),
    namedRow: featureObject(contract),
    predictRequest: predictRequest(contract),
    predictBatchRequest: predictBatchRequest(contract),
  };
}

type Contracts = typeof contracts;

type All = { [Name in keyof Contracts]: ReturnType<typeof schemasOf<Contracts[Name]>> };

const all = Object.fromEntries(
  Object.values(contracts).map((contract) => [contract.name, schemasOf<Contract>(contract)]),
) as unknown as All;

function plain<T>(value: T): T {
  return value;
}

/**
 * The schemas of each contract, by the server's own rules; each is Zod's and a Standard Schema.
 *
 * `row` is a row as requests take it, `namedRow` an object by feature name as forms have it, which `toFeatures` of the
 * contract makes a list; `predictRequest` and `predictBatchRequest` are the inputs of the procedures.
 */
export const schemas = plain<
  All extends infer Named
    ? {
        readonly [Name in keyof Named]: Named[Name] extends infer Each
          ? {
              readonly [Key in keyof Each]: Each[Key] extends z.ZodType<infer Output, infer Input>
                ? z.ZodType<Plain<Output>, Plain<Input>>
                : never;
            }
          : never;
      }
    : never
>(all);
