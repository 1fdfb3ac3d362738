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
