/** A column's heading as a contract names it. */
export interface ColumnName {
  /** snake_case. */
  readonly name: string;
  readonly label: string;
  /** What stood in brackets at the end; empty where nothing did. */
  readonly unit: string;
}

/** Reads a heading: `Sepal.Length (cm)` is `sepal_length`, "Sepal length", cm. */
export function columnName(heading: string): ColumnName {
  const [, text = heading, unit = ""] = /^(.*?)\s*[([]([^()[\]]*)[)\]]\s*$/.exec(heading) ?? [];
  const words = text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== "");
  const joined = words.join("_");
  const name = /^\d/.test(joined) ? `x_${joined}` : joined;
  const plain = words.join(" ");
  return { name, label: plain.charAt(0).toUpperCase() + plain.slice(1), unit: unit.trim() };
}
