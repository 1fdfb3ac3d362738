/** The model that is the default where none is configured. */
const USUAL = "iris-forest";

/** The model of a repository that predicts where none is named or configured: the usual one, else the first by name; `null` where there is none. */
export function defaultModelOf(names: readonly string[]): string | null {
  return names.includes(USUAL) ? USUAL : (names.toSorted()[0] ?? null);
}
