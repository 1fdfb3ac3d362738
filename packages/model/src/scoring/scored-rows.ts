import type { Contract } from "@sepal/schema/define-contract";
import { featureVector } from "@sepal/schema/feature-schema";
import { validationDetail } from "@sepal/schema/validation-detail";
import * as z from "zod";
import type { ByteString } from "./charset.ts";
import { columnOf, type RowFault } from "./row-fault.ts";

/** One record of a file, read and checked by the contract. */
export interface ScoredRow {
  /** The input's part of the result's record, up to where the results begin. */
  readonly before: ByteString;
  /** What stands behind the results; nothing in CSV. */
  readonly after: ByteString;
  /** Names of the results, where keys of the row have those that they would have. */
  readonly names?: readonly string[] | undefined;
  /** In the contract's order; only when there is no fault. */
  readonly features: readonly number[];
  readonly faults: readonly RowFault[];
}

/** Reads a record; never throws for what stands in it. */
export type RowReader = (record: ByteString) => ScoredRow;

/** Checks a feature vector by the contract; returns the broken rules. */
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
