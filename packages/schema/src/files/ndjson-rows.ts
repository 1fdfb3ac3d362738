import type { Contract } from "../define-contract.ts";
import { rowSchemas } from "../feature-schema.ts";
import { matchHeadings, type HeadingMatch } from "../headings.ts";
import type { Charset } from "../predict-file.ts";
import { resultColumns, resultColumnsBeside } from "../result-columns.ts";
import { rowEncoder } from "../row-encoding.ts";
import { preview } from "../validation-detail.ts";
import * as z from "zod";
import { structureOf } from "../json-structure.ts";
import { forms, type ByteString } from "./bytes.ts";
import { decode, encodeJson } from "./charset.ts";
import { rowFaults, type Compile, type RowReader, type ScoredRow } from "./scored-rows.ts";

/** Rows of different keys whose features are remembered. */
const MAX_SHAPES = 64;

/** What V8 says of a line that is no JSON, without the part of the line that it quotes. */
function syntaxFault(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, (?:\.\.\.)?".*$/s, "") : "";
}

/** Whether a line has more keys, objects and lists than that; each takes a byte at least. */
function hasMoreThan(most: number, line: ByteString): boolean {
  if (line.length <= most) return false;
  const { keys, opened: objectsAndLists } = structureOf(forms.bytesOf(line));
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

/** An object with the key `input` for a line that is no object, between the blanks of the line. */
function wrapped(record: ByteString, value = record.trim()): Ends {
  const begin = record.length - record.trimStart().length;
  const end = Math.max(begin, record.trimEnd().length);
  return {
    before: `${record.slice(0, begin)}{"input":${value},`,
    after: `}${record.slice(end)}`,
  };
}

/** Where features stand among the keys of rows, for rows of the same keys found once. */
function keyMatcher(
  { features }: Contract,
  chosen: readonly (string | undefined)[],
): (keys: readonly string[]) => HeadingMatch {
  const named = features.map((feature, index) => {
    const name = chosen[index];
    return name === undefined ? feature : { ...feature, name, aliases: [] };
  });
  const matches = new Map<string, HeadingMatch>();
  return (keys) => {
    const shape = JSON.stringify(keys);
    let match = matches.get(shape);
    if (match === undefined) {
      match = matchHeadings(keys, named, "row");
      if (matches.size === MAX_SHAPES) matches.clear();
      matches.set(shape, match);
    }
    return match;
  };
}

interface NdjsonOptions {
  readonly charset: Charset;
  /** Most keys, objects and lists of a line. */
  readonly maxColumns: number;
  readonly compile: Compile;
  /** Key of each feature, where the user chose it. */
  readonly chosen: readonly (string | undefined)[] | undefined;
}

/**
 * Reads lines of JSON: lists in the contract's order, objects that have one as `features`, and objects with a key for each
 * feature, matched as headings are. All that stands in a line is kept as it is.
 */
export function ndjsonRowReader(
  contract: Contract,
  { charset, maxColumns, compile, chosen = [] }: NdjsonOptions,
): RowReader {
  const { list, object } = rowSchemas(contract);
  const lists = compile(z.looseObject({ features: list }));
  const objects = object && compile(z.looseObject({ features: object }));
  const encode = rowEncoder(contract);
  const results = new Set(resultColumns(contract));
  const match = keyMatcher(contract, chosen);
  const optional = new Set(
    contract.features.filter(({ nullable }) => nullable === true).map(({ name }) => name),
  );

  const unread = (ends: Ends, line: string, type: string, msg: string): ScoredRow => {
    const faults = [{ column: undefined, type, msg, input: preview(line) }];
    return { ...ends, features: [], faults };
  };

  function readObject(row: object, ends: Ends): ScoredRow {
    const keys = Object.keys(row);
    const names = keys.some((key) => results.has(key))
      ? resultColumnsBeside(keys, contract)
      : undefined;
    let value: object = row;
    if (!Object.hasOwn(row, "features")) {
      const { places, faults: all } = match(keys);
      const faults = all.filter(
        ({ feature, type }) => type !== "missing" || !optional.has(feature),
      );
      const values = Object.values(row);
      const found = places.filter((place) => place !== -1).length;
      if (found > 0 && faults.length > 0) {
        // Each feature without a place has one fault.
        const without = contract.features.filter((_, index) => places[index] === -1);
        const missing = faults.map(({ type, msg }, index) => {
          return {
            column: without[index]?.name,
            type,
            msg: type === "missing" ? "Field required" : msg,
            input: null,
          };
        });
        return { ...ends, names, features: [], faults: missing };
      }
      if (found > 0) value = { features: places.map((place) => values[place] ?? null) };
    }
    const byName = objects !== undefined && !Array.isArray(Reflect.get(value, "features"));
    const parsed = (byName ? objects : lists).safeParse(value);
    if (parsed.success) {
      return { ...ends, names, features: encode(parsed.data.features), faults: [] };
    }
    return {
      ...ends,
      names,
      features: [],
      faults: rowFaults(contract, parsed.error.issues, value),
    };
  }

  return (record) => {
    if (hasMoreThan(maxColumns, record)) {
      const line = decode(record, charset).trim();
      const msg = `The line has more than ${maxColumns} keys, objects and lists (MAX_COLUMNS)`;
      return unread(wrapped(record, encodeJson(line, charset)), line, "too_long", msg);
    }
    const line = decode(record, charset);
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch (error) {
      const text = line.trim();
      const msg = `The line is not JSON: ${syntaxFault(error)}`;
      return unread(wrapped(record, encodeJson(text, charset)), text, "json_invalid", msg);
    }
    if (Array.isArray(row)) return readObject({ features: row }, wrapped(record));
    if (typeof row === "object" && row !== null) return readObject(row, around(record));
    const parsed = lists.safeParse(row);
    const faults = parsed.success ? [] : rowFaults(contract, parsed.error.issues, row);
    return { ...wrapped(record), features: [], faults };
  };
}
