/** A part of a text, from its first character to the one after its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Keys and indices from the root of a JSON text to a value. */
type Path = readonly (string | number)[];

const TOKEN = /[\s]*(?:([[\]{},:])|("(?:[^"\\]|\\.)*")|([^\s[\]{},:"]+))/y;

interface Token {
  readonly text: string;
  readonly span: Span;
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const token = match[1] ?? match[2] ?? match[3] ?? "";
    found.push({
      text: token,
      span: { start: TOKEN.lastIndex - token.length, end: TOKEN.lastIndex },
    });
  }
  return found;
}

/**
 * Where a JSON text has the value at a path; `null` when it has none there. A path that ends in a
 * missing key gives the object that lacks it. The text may be broken behind the value.
 */
export function locate(text: string, path: Path): Span | null {
  const list = tokens(text);
  let at = 0;
  let best: Span | null = null;

  function value(remaining: Path | null): void {
    const first = list[at];
    if (first === undefined) return;
    at += 1;
    if (first.text === "{" || first.text === "[") container(first, remaining);
    else if (remaining?.length === 0) best = first.span;
  }

  function container(open: Token, remaining: Path | null): void {
    const isObject = open.text === "{";
    const [wanted, ...rest] = remaining ?? [];
    let index = 0;
    let inside = false;
    for (let token = list[at]; token !== undefined && !/[\]}]/.test(token.text); token = list[at]) {
      if (token.text === ",") {
        at += 1;
        continue;
      }
      const key = isObject ? readKey(token) : index;
      index += 1;
      const follow = remaining !== null && remaining.length > 0 && key === wanted;
      inside ||= follow;
      value(follow ? rest : null);
    }
    const end = list[at]?.span.end ?? text.length;
    at += 1;
    const whole = { start: open.span.start, end };
    if (remaining?.length === 0 || (remaining?.length === 1 && !inside)) best = whole;
  }

  function readKey(token: Token): string {
    at += list[at + 1]?.text === ":" ? 2 : 1;
    return token.text.replace(/^"|"$/g, "");
  }

  value(path);
  return best;
}

/** Where reading a text as JSON fails; `null` when it is JSON. Reader's words in `message`. */
export function syntaxFault(
  text: string,
): { readonly span: Span; readonly message: string } | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { message, span: faultSpan(text) };
  }
}

/** The first word that JSON does not know, else the last character: there something is missing. */
function faultSpan(text: string): Span {
  for (const { text: token, span } of tokens(text)) {
    if (/^[[\]{},:"]/.test(token)) continue;
    if (!isJson(token)) return span;
  }
  const end = text.trimEnd().length;
  return { start: Math.max(0, end - 1), end };
}

function isJson(token: string): boolean {
  try {
    JSON.parse(token);
    return true;
  } catch {
    return false;
  }
}
