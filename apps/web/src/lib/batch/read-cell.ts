// No two parts of it match the same digits: a long cell would take minutes.
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const DECIMAL_COMMA = /^[+-]?\d*,\d+(?:e[+-]?\d+)?$/i;
const NOT_FINITE: ReadonlyMap<string, number> = new Map([
  ["nan", NaN],
  ["inf", Infinity],
  ["infinity", Infinity],
  ["-inf", -Infinity],
  ["-infinity", -Infinity],
]);

/**
 * What a CSV cell stands for: a number where it reads as one, `undefined` where it is empty, else
 * its text, which no rule of a feature takes.
 */
export function readCell(cell: string, decimalComma: boolean): unknown {
  const text = cell.trim();
  if (text === "") return undefined;
  if (NUMBER.test(text)) return Number(text);
  if (decimalComma && DECIMAL_COMMA.test(text)) return Number(text.replace(",", "."));
  return NOT_FINITE.get(text.toLowerCase()) ?? text;
}
