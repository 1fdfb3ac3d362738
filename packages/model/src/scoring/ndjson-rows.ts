import type { Contract } from "@sepal/schema/define-contract";
import { featureVector } from "@sepal/schema/feature-schema";
import { preview, validationDetail } from "@sepal/schema/validation-detail";
import { inputColumns, resultColumns } from "@sepal/schema/result-columns";
import * as z from "zod";
import { structureOf } from "../json-structure.ts";
import { columnOf, type RowFault, type RowReader } from "./scored-rows.ts";

/** An object's text up to its closing brace, with a comma where something stands before it. */
function opened(text: string): string {
  const inside = text.slice(0, text.lastIndexOf("}"));
  return /^\s*\{\s*$/.test(inside) ? inside : `${inside},`;
}

/** An object with the keys that a result has out of the way. */
function renamed(row: object, contract: Contract): object {
  const names = inputColumns(Object.keys(row), contract);
  return Object.fromEntries(Object.values(row).map((value, index) => [names[index] ?? "", value]));
}

/** What V8 says of a line that is no JSON, without the part of the line that it quotes. */
function syntaxFault(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, (?:\.\.\.)?".*$/s, "") : "";
}

/** Whether a line has more keys, objects and lists than that; each takes a byte at least. */
function hasMoreThan(most: number, line: string): boolean {
  if (line.length <= most) return false;
  const { keys, opened: objectsAndLists } = structureOf(Buffer.from(line));
  return keys + objectsAndLists > most;
}

/** Reads lines of JSON objects with `features`; other keys are kept. */
export function ndjsonRowReader(contract: Contract, maxColumns: number): RowReader {
  const schema = z.compile(z.looseObject({ features: featureVector(contract) }), { strict: true });
  const results = new Set(resultColumns(contract));

  const bad = (before: string, faults: readonly RowFault[]) => ({ before, features: [], faults });
  const unread = (line: string, type: string, msg: string) => {
    const input = preview(line);
    return bad(opened(JSON.stringify({ input })), [{ column: undefined, type, msg, input }]);
  };

  return (record) => {
    const line = record.trim();
    if (hasMoreThan(maxColumns, line)) {
      const msg = `The line has more than ${maxColumns} keys, objects and lists (MAX_COLUMNS)`;
      return unread(line, "too_long", msg);
    }
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch (error) {
      return unread(line, "json_invalid", `The line is not JSON: ${syntaxFault(error)}`);
    }
    const isObject = typeof row === "object" && row !== null && !Array.isArray(row);
    const parsed = schema.safeParse(row);
    let before: string;
    if (!isObject) before = opened(JSON.stringify({ input: preview(row) }));
    else if (Object.keys(Object(row)).some((key) => results.has(key))) {
      before = opened(JSON.stringify(renamed(Object(row), contract)));
    } else before = opened(line);
    if (parsed.success) return { before, features: parsed.data.features, faults: [] };
    const { entries } = validationDetail(parsed.error.issues, row);
    return bad(
      before,
      entries.map(({ type, msg, loc, input }) => ({
        column: columnOf(contract, loc.slice(1)),
        type,
        msg,
        input,
      })),
    );
  };
}
