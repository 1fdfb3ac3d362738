import type { Contract } from "@sepal/schema/define-contract";
import { featureVector } from "@sepal/schema/feature-schema";
import { matchHeadings, type HeadingMatch } from "@sepal/schema/headings";
import type { Charset } from "@sepal/schema/predict-file";
import { preview, validationDetail } from "@sepal/schema/validation-detail";
import { resultColumns, resultColumnsBeside } from "@sepal/schema/result-columns";
import * as z from "zod";
import { structureOf } from "../json-structure.ts";
import { decode, encodeJson, type ByteString } from "./charset.ts";
import { columnOf, type RowFault, type RowReader, type ScoredRow } from "./scored-rows.ts";

/** Rows of different keys whose features are remembered. */
const MAX_SHAPES = 64;

/** What V8 says of a line that is no JSON, without the part of the line that it quotes. */
function syntaxFault(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, (?:\.\.\.)?".*$/s, "") : "";
}

/** Whether a line has more keys, objects and lists than that; each takes a byte at least. */
function hasMoreThan(most: number, line: ByteString): boolean {
  if (line.length <= most) return false;
  const { keys, opened: objectsAndLists } = structureOf(Buffer.from(line, "latin1"));
  return keys + objectsAndLists > most;
}

type Ends = Pick<ScoredRow, "before" | "after">;

/** An object's line around the place of the results, which is before its closing brace. */
function around(record: ByteString): Ends {
  const end = record.lastIndexOf("}");
  const inside = record.slice(0, end);
  const before = /^\s*\{\s*$/.test(inside) ? inside : `${inside},`;
  return { before, after: record.slice(end) };
}

/** An object with the key `input` for a line that is no object. */
function wrapped(value: ByteString): Ends {
  return { before: `{"input":${value},`, after: "}" };
}

/** Where features stand among the keys of rows, for rows of the same keys found once. */
function keyMatcher({ features }: Contract): (keys: readonly string[]) => HeadingMatch {
  const matches = new Map<string, HeadingMatch>();
  return (keys) => {
    const shape = JSON.stringify(keys);
    let match = matches.get(shape);
    if (match === undefined) {
      match = matchHeadings(keys, features, "row");
      if (matches.size === MAX_SHAPES) matches.clear();
      matches.set(shape, match);
    }
    return match;
  };
}

/**
 * Reads lines of JSON objects: with `features`, a list in the contract's order, or with a key for each feature, matched as
 * headings are. All that stands in a line is kept as it is.
 */
export function ndjsonRowReader(
  contract: Contract,
  charset: Charset,
  maxColumns: number,
): RowReader {
  const schema = z.compile(z.looseObject({ features: featureVector(contract) }), { strict: true });
  const results = new Set(resultColumns(contract));
  const match = keyMatcher(contract);

  const unread = (ends: Ends, line: string, type: string, msg: string): ScoredRow => {
    const faults = [{ column: undefined, type, msg, input: preview(line) }];
    return { ...ends, features: [], faults };
  };

  function faultsOf(row: object, issues: z.core.$ZodIssue[]): RowFault[] {
    return validationDetail(issues, row).entries.map(({ type, msg, loc, input }) => ({
      column: columnOf(contract, loc.slice(1)),
      type,
      msg,
      input,
    }));
  }

  function readObject(row: object, ends: Ends): ScoredRow {
    const keys = Object.keys(row);
    const names = keys.some((key) => results.has(key))
      ? resultColumnsBeside(keys, contract)
      : undefined;
    let value = row;
    if (!Object.hasOwn(row, "features")) {
      const { places, faults } = match(keys);
      const values = Object.values(row);
      const found = places.filter((place) => place !== -1).length;
      if (found > 0 && faults.length > 0) {
        const missing = faults.map(({ feature, type, msg }) => {
          return {
            column: feature,
            type,
            msg: type === "missing" ? "Field required" : msg,
            input: null,
          };
        });
        return { ...ends, names, features: [], faults: missing };
      }
      if (found > 0) value = { features: places.map((place) => values[place]) };
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return { ...ends, names, features: parsed.data.features, faults: [] };
    return { ...ends, names, features: [], faults: faultsOf(value, parsed.error.issues) };
  }

  return (record) => {
    if (hasMoreThan(maxColumns, record)) {
      const line = decode(record, charset).trim();
      const msg = `The line has more than ${maxColumns} keys, objects and lists (MAX_COLUMNS)`;
      return unread(wrapped(encodeJson(line, charset)), line, "too_long", msg);
    }
    const line = decode(record, charset);
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch (error) {
      const text = line.trim();
      const msg = `The line is not JSON: ${syntaxFault(error)}`;
      return unread(wrapped(encodeJson(text, charset)), text, "json_invalid", msg);
    }
    if (typeof row === "object" && row !== null && !Array.isArray(row)) {
      return readObject(row, around(record));
    }
    const parsed = schema.safeParse(row);
    const faults = parsed.success ? [] : faultsOf(Object(row), parsed.error.issues);
    return { ...wrapped(record.trim()), features: [], faults };
  };
}
