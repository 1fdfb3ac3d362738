import { findNodeAtLocation, parseTree, type Node, type ParseError } from "jsonc-parser";

/** A part of a text, from its first character to the one after its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Keys and indices from the root of a JSON text to a value. */
type Path = readonly (string | number)[];

function parsed(text: string) {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  return { root, errors };
}

/**
 * Where a JSON text has the value at a path; `null` when it has none there. A path that ends in a
 * missing key gives the object that lacks it. The text may be broken behind the value.
 */
export function locate(text: string, path: Path): Span | null {
  const { root } = parsed(text);
  const find = (place: Path): Node | undefined => root && findNodeAtLocation(root, [...place]);
  const parent = path.length > 0 ? find(path.slice(0, -1)) : undefined;
  const found = find(path) ?? (parent?.children && parent);
  if (found === undefined) return null;
  const { offset, length } = found;
  // A list or object that is not closed has no length.
  return { start: offset, end: length < 0 ? text.length : offset + length };
}

/** Where reading a text as JSON fails, at the last character where something is missing; `null` when it is JSON. */
export function syntaxFault(text: string): Span | null {
  const [error] = parsed(text).errors;
  if (error === undefined) return null;
  const end = text.trimEnd().length;
  return error.offset < end
    ? { start: error.offset, end: error.offset + error.length }
    : { start: Math.max(0, end - 1), end };
}
