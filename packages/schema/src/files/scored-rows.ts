import type { Contract, FeatureInput } from "../define-contract.ts";
import { featureList } from "../feature-schema.ts";
import type { ModelRow } from "../row-encoding.ts";
import { validationDetail, MAX_ENTRIES } from "../validation-detail.ts";
import * as z from "zod";
import type { ByteString } from "./bytes.ts";
import { SepalError } from "../sepal-error.ts";

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

/** The rules of a contract that a value breaks; the columns are those that places such as `features.2` or `2` stand for. */
export function rowFaults(
  { features }: Contract,
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
): RowFault[] {
  return validationDetail(issues, value).entries.map(({ type, msg, loc, input }) => {
    const [, ...place] = loc;
    const index = place.find((part) => typeof part === "number");
    const feature = index === undefined ? undefined : features[index]?.name;
    const innermost = place.at(-1);
    const column = feature ?? (innermost === undefined ? undefined : String(innermost));
    return { column, type, msg, input };
  });
}

/** One record of a file, read and checked by the contract. */
export interface ScoredRow {
  /** The input's part of the result's record, up to where the results begin. */
  readonly before: ByteString;
  /** What stands behind the results; nothing in CSV. */
  readonly after: ByteString;
  /** Names of the results, where keys of the row have those that they would have. */
  readonly names?: readonly string[] | undefined;
  /** As models take them; only when there is no fault. */
  readonly features: ModelRow;
  readonly faults: readonly RowFault[];
}

/** Reads a record; never throws for what stands in it. */
export type RowReader = (record: ByteString) => ScoredRow;

/** Checks the values of a row by the contract; returns the broken rules. */
export type FeatureCheck = (values: readonly FeatureInput[]) => readonly RowFault[];

const NO_FAULTS: readonly RowFault[] = [];

/** Makes a schema ready for use: {@link compiled}, or as it is where a page may not make code. */
export type Compile = <S extends z.ZodType>(schema: S) => S;

/** A schema as a function of its own, 10 times as fast; not where a content security policy forbids to make code. */
export const compiled: Compile = (schema) => z.compile(schema, { strict: true });

/** The contract's own schema as a check of values that were read from text. */
export function featureCheck(contract: Contract, compile: Compile): FeatureCheck {
  const schema = compile(featureList(contract));
  return (values) => {
    const parsed = schema.safeParse(values);
    return parsed.success ? NO_FAULTS : rowFaults(contract, parsed.error.issues, values);
  };
}
