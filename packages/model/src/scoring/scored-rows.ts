import type { Contract } from "@sepal/schema/define-contract";
import { featureVector } from "@sepal/schema/feature-schema";
import { validationDetail } from "@sepal/schema/validation-detail";
import * as z from "zod";
import { columnOf, type RowFault } from "./row-fault.ts";

/** One record of a file, read and held against the contract. */
export interface ScoredRow {
  /** The input's part of the result's record. */
  readonly before: string;
  /** In the contract's order; only when there is no fault. */
  readonly features: readonly number[];
  readonly faults: readonly RowFault[];
}

/** Reads a record; never throws for what stands in it. */
export type RowReader = (record: string) => ScoredRow;

/** Holds a feature vector against the contract; gives the broken rules. */
export type FeatureCheck = (features: readonly number[]) => readonly RowFault[];

const NO_FAULTS: readonly RowFault[] = [];

/** The contract's own schema as a check of numbers that were read from text. */
export function featureCheck(contract: Contract): FeatureCheck {
  const schema = z.compile(featureVector(contract), { strict: true });
  return (features) => {
    const parsed = schema.safeParse(features);
    if (parsed.success) return NO_FAULTS;
    return validationDetail(parsed.error.issues, features).entries.map(
      ({ type, msg, loc, input }) => ({
        column: columnOf(contract, ["features", ...loc.slice(1)]),
        type,
        msg,
        input,
      }),
    );
  };
}
