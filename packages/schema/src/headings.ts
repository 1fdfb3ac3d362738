import type { FeatureSpec } from "./define-contract.ts";

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

/** A feature that no heading, or more than one, stands for. */
interface HeadingFault {
  readonly feature: string;
  readonly type: "missing" | "value_error";
  readonly msg: string;
}

/** Where the features of a contract stand among headings. */
export interface HeadingMatch {
  /** Index of each feature's heading, in the contract's order; -1 where it has a fault. */
  readonly places: readonly number[];
  readonly faults: readonly HeadingFault[];
}

/** Longest heading that is compared with a missing feature, in characters. */
const COMPARED = 100;

/** Insertions, deletions and substitutions from one word to another. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let above = 0; above < from.length; above += 1) {
    const next = [above + 1];
    for (let index = 0; index < to.length; index += 1) {
      const same = from[above] === to[index] ? 0 : 1;
      next.push(
        Math.min((row[index] ?? 0) + same, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1),
      );
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** The heading that is most like a feature's name, if one is. */
export function nearestHeading(name: string, headings: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const heading of headings.slice(0, 200)) {
    if (heading.length > COMPARED) continue;
    const changes = distance(name, columnName(heading).name);
    if (changes < least) [best, least] = [heading, changes];
  }
  return best;
}

function indexesOf(headings: readonly string[], isIt: (heading: string) => boolean): number[] {
  return headings.flatMap((heading, index) => (isIt(heading) ? [index] : []));
}

/**
 * Finds the heading of each feature, one rule for every file and form: its name, else one of its aliases, else a heading
 * that reads the same in snake_case, such as `Sepal Length (cm)` for `sepal_length`.
 *
 * `what` says in errors what the headings are: "header", "row".
 */
export function matchHeadings(
  headings: readonly string[],
  features: readonly FeatureSpec[],
  what: string,
): HeadingMatch {
  const faults: HeadingFault[] = [];
  const trimmed = headings.map((heading) => heading.trim());
  // Read only where a feature is not found by its name: most files have the names themselves.
  let read: readonly string[] | undefined;
  const found = features.map(({ name, aliases = [] }) => {
    const exact = indexesOf(trimmed, (heading) => heading === name);
    if (exact.length > 0) return exact;
    const byAlias = indexesOf(trimmed, (heading) => aliases.includes(heading));
    if (byAlias.length > 0) return byAlias;
    read ??= trimmed.map((heading) => columnName(heading).name);
    const names = new Set([name, ...aliases].map((alias) => columnName(alias).name));
    return indexesOf(read, (heading) => names.has(heading));
  });
  const used = new Set(found.filter((places) => places.length === 1).flat());
  const places = features.map(({ name }, index) => {
    const [place = -1, ...others] = found[index] ?? [];
    if (place !== -1 && others.length === 0) return place;
    if (place === -1) {
      const like = nearestHeading(
        name,
        trimmed.filter((_, free) => !used.has(free)),
      );
      const hint = like === undefined ? "" : ` (did you mean "${like}"?)`;
      faults.push({
        feature: name,
        type: "missing",
        msg: `The ${what} has no column ${name}${hint}`,
      });
    } else {
      const which = [place, ...others].map((at) => trimmed[at] ?? "");
      const named = which.every((heading) => heading === name)
        ? name
        : `for ${name}: ${which.join(", ")}`;
      faults.push({
        feature: name,
        type: "value_error",
        msg: `The ${what} has ${which.length} columns ${named}`,
      });
    }
    return -1;
  });
  return { places, faults };
}
