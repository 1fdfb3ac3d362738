import * as z from "zod";
import type { Contract } from "@sepal/schema/define-contract";
import { featureVector } from "@sepal/schema/feature-schema";
import { MAX_ENTRIES, validationDetail } from "@sepal/schema/validation-detail";
import { SepalError } from "@sepal/schema/sepal-error";
import type { ByteString } from "./charset.ts";

/** Items of a list that an error message names: a wide row would otherwise make a text many times its own length. */
const SHOWN = 20;

/** The first items of a list in one text, and how many more there are. */
export function firstOf(items: readonly string[], separator: string): string {
  const shown = items.slice(0, SHOWN).join(separator);
  const more = items.length - SHOWN;
  return more > 0 ? `${shown}${separator}and ${more} more` : shown;
}

/** One broken rule of a row. */
export interface RowFault {
  /** Name of the column; absent when the row as a whole is at fault. */
  readonly column: string | undefined;
  /** Pydantic's name of the rule, such as `greater_than`. */
  readonly type: string;
  readonly msg: string;
  /** What stands there. */
  readonly input: unknown;
}

/** The text in the `error` of a row; rows count from 1, without the header and blank lines. */
export function faultText(row: number, faults: readonly RowFault[]): string {
  const texts = faults.map(({ column, type, msg }) => {
    const where = column === undefined ? "" : `column ${column}: `;
    return `${where}${msg} (${type})`;
  });
  return `row ${row}: ${firstOf(texts, "; ")}`;
}

/** The failure that a bad row is where none is allowed; `loc` names row and column. */
export function badRow(row: number, faults: readonly RowFault[]): SepalError {
  const entries = faults.slice(0, MAX_ENTRIES).map(({ column, type, msg, input }) => ({
    type,
    loc: column === undefined ? ["body", row] : ["body", row, column],
    msg: faultText(row, [{ column, type, msg, input }]),
    input,
  }));
  const validation = { entries, total: faults.length };
  return new SepalError("invalid_input", faultText(row, faults), { validation });
}

/** The column that a place in a JSON body such as `features.2` stands for. */
export function columnOf(
  contract: Contract,
  [name, index]: readonly (string | number)[],
): string | undefined {
  const feature = typeof index === "number" ? contract.features[index]?.name : undefined;
  return feature ?? (name === undefined ? undefined : String(name));
}

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
