import type * as z from "zod";
import { CUT_MESSAGE } from "./bounded-list.ts";
import { FLOAT32_INFINITY_BOUND, shortestFloat32 } from "./float32.ts";

/** Characters of an invalid input that an error body repeats. */
const PREVIEW_LENGTH = 200;

/** JSON text of a value, stopped soon after `budget` characters so that a huge body costs nothing. */
function boundedJson(value: unknown, budget: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, Math.max(0, budget) + 1));
  if (typeof value === "number" && !Number.isFinite(value)) return JSON.stringify(String(value));
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const isList = Array.isArray(value);
  let text = isList ? "[" : "{";
  for (const key in value) {
    if (text.length > budget) return text;
    if (text.length > 1) text += ",";
    if (!isList) text += `${boundedJson(key, budget)}:`;
    text += boundedJson(Reflect.get(value, key), budget - text.length);
  }
  return text + (isList ? "]" : "}");
}

/** An invalid input as an error body shows it: itself, or its first 200 characters as text. */
export function preview(value: unknown): unknown {
  if (typeof value === "string") return value.slice(0, PREVIEW_LENGTH);
  const text = boundedJson(value, PREVIEW_LENGTH);
  return text.length <= PREVIEW_LENGTH ? JSON.parse(text) : text.slice(0, PREVIEW_LENGTH);
}

/** One broken rule, as FastAPI clients know it. */
export interface DetailEntry {
  /** Pydantic's name of the rule, such as `greater_than`. */
  readonly type: string;
  /** Location: `body`, then keys and indices. */
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  /** What was sent there, cut at 200 characters; absent where the server does not repeat it. */
  readonly input?: unknown;
}

/** The broken rules of one request. */
export interface ValidationDetail {
  /** At most 100. */
  readonly entries: readonly DetailEntry[];
  /** How many were found. */
  readonly total: number;
  /** Whether checking stopped there, so that there may be more. */
  readonly cut?: boolean;
}

/** Broken rules that an error lists; the others are only counted. */
export const MAX_ENTRIES = 100;

/** Message of integer schemas, for whatever is no integer. */
export const INTEGER_MESSAGE = "Input should be a valid integer";

type Issue = z.core.$ZodIssue;
type Rule = readonly [type: string, msg: string];

/** Message of an integer feature's schema: a number with a fraction has a rule of its own. */
export const WHOLE_NUMBER_MESSAGE =
  "Input should be a valid integer, got a number with a fractional part";

const MISSING_RULE: Rule = ["missing", "Field required"];

const INTEGER_RULE: Rule = ["int_type", INTEGER_MESSAGE];

/** Message of a number that float32 cannot hold. */
export const FLOAT32_MESSAGE = "Input should be a finite number after rounding to float32";

/** Message of the schema of a row as an object. */
export const DICTIONARY_MESSAGE = "Input should be a valid dictionary";

/** Message of a text's schema, for one that UTF-8 cannot write: it has half of a surrogate pair. */
export const UNICODE_MESSAGE = "Input should be a text without unpaired surrogates";

const TYPE_RULES: Record<string, Rule> = {
  number: ["float_type", "Input should be a valid number"],
  int: INTEGER_RULE,
  string: ["string_type", "Input should be a valid string"],
  array: ["list_type", "Input should be a valid list"],
  tuple: ["list_type", "Input should be a valid list"],
  boolean: ["bool_type", "Input should be a valid boolean"],
  object: ["model_attributes_type", "Input should be a valid object"],
};

function sizeRule(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, input: unknown): Rule {
  const small = issue.code === "too_small";
  const bound = Number(small ? issue.minimum : issue.maximum);
  if (issue.origin === "array") {
    const length = Array.isArray(input) ? input.length : 0;
    return small
      ? ["too_short", `List should have at least ${bound} items after validation, not ${length}`]
      : ["too_long", `List should have at most ${bound} items after validation, not ${length}`];
  }
  if (issue.origin === "string") {
    return small
      ? ["string_too_short", `String should have at least ${bound} characters`]
      : ["string_too_long", `String should have at most ${bound} characters`];
  }
  if (Math.abs(bound) === FLOAT32_INFINITY_BOUND) {
    return ["finite_number", FLOAT32_MESSAGE];
  }
  if (issue.inclusive) {
    return small
      ? ["greater_than_equal", `Input should be greater than or equal to ${bound}`]
      : ["less_than_equal", `Input should be less than or equal to ${bound}`];
  }
  if (!small) return ["less_than", `Input should be less than ${bound}`];
  // Only features have such a bound: the double above which float32 is greater, too.
  const declared = shortestFloat32(Math.fround(bound));
  const rounds = typeof input === "number" && input > declared;
  return [
    "greater_than",
    `Input should be greater than ${declared}${rounds ? " after rounding to float32" : ""}`,
  ];
}

function receivedInfinity(issue: Issue): boolean {
  return "received" in issue && issue.received === "Infinity";
}

/** Values of a list that a message names. */
const SHOWN_VALUES = 20;

/** The first values that are allowed, in words. */
function alternatives(values: readonly unknown[]): string {
  const more = values.length - SHOWN_VALUES;
  const shown = values.slice(0, SHOWN_VALUES).map(String);
  return [...shown, ...(more > 0 ? [`one of ${more} more`] : [])].join(" or ");
}

/** Pydantic's type and message of a Zod issue. */
function rule(issue: Issue, input: unknown): Rule {
  switch (issue.code) {
    case "invalid_type":
      if (input === undefined) return MISSING_RULE;
      // What a legacy client wrote as a string overflows only once it is read.
      if (input === Infinity || input === -Infinity || receivedInfinity(issue)) {
        return ["finite_number", "Input should be a finite number"];
      }
      // An integer's schema wants a number first, and says by its message that any will not do.
      if (issue.message === INTEGER_MESSAGE) return INTEGER_RULE;
      if (issue.message === WHOLE_NUMBER_MESSAGE) {
        return typeof input === "number" ? ["int_from_float", WHOLE_NUMBER_MESSAGE] : INTEGER_RULE;
      }
      if (issue.message === DICTIONARY_MESSAGE) return ["dict_type", DICTIONARY_MESSAGE];
      return TYPE_RULES[issue.expected] ?? ["value_error", issue.message];
    case "too_small":
    case "too_big":
      return sizeRule(issue, input);
    case "invalid_value":
      if (input === undefined) return MISSING_RULE;
      return ["literal_error", `Input should be ${alternatives(issue.values)}`];
    default:
      if (issue.message === UNICODE_MESSAGE) return ["string_unicode", UNICODE_MESSAGE];
      return ["value_error", issue.message];
  }
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function loc(path: readonly PropertyKey[]): (string | number)[] {
  return ["body", ...path.map((key) => (typeof key === "number" ? key : String(key)))];
}

/** Turns Zod's issues about `input` into the list that FastAPI clients know. */
export function validationDetail(issues: readonly Issue[], input: unknown): ValidationDetail {
  const entries: DetailEntry[] = [];
  let total = 0;
  let cut = false;
  let previousType: Issue | undefined;
  const add = (type: string, msg: string, path: readonly PropertyKey[], value: unknown) => {
    total += 1;
    if (total <= MAX_ENTRIES) entries.push({ type, loc: loc(path), msg, input: preview(value) });
  };
  for (const issue of issues) {
    if (issue.code === "custom" && issue.message === CUT_MESSAGE) {
      cut = true;
      continue;
    }
    // Zod also measures the length of a string where it wanted a list: the type says enough.
    if (previousType !== undefined && String(previousType.path) === String(issue.path)) continue;
    previousType = issue.code === "invalid_type" ? issue : undefined;
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) {
        const path = [...issue.path, key];
        add("extra_forbidden", "Extra inputs are not permitted", path, valueAt(input, path));
      }
      continue;
    }
    if (total >= MAX_ENTRIES) {
      total += 1;
      continue;
    }
    const value = valueAt(input, issue.path);
    const [type, msg] = rule(issue, value);
    // A missing field shows the object that lacks it.
    add(
      type,
      msg,
      issue.path,
      value === undefined ? valueAt(input, issue.path.slice(0, -1)) : value,
    );
  }
  return { entries, total, cut };
}
