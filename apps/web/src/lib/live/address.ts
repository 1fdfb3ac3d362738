import { parseAsStringLiteral } from "nuqs/server";

/** Lengths of the shown window, in minutes. */
export const WINDOWS = ["1", "5", "15"] as const;

/** Whose durations are shown. */
export const KINDS = ["single", "batch", "all"] as const;

/** What the address keeps of the live view: `window` in minutes, `requests` whose durations are shown. */
export const liveParsers = {
  window: parseAsStringLiteral(WINDOWS).withDefault("1"),
  requests: parseAsStringLiteral(KINDS).withDefault("single"),
};

/** What each wrong value of an address is and what is shown instead. */
export function liveNotices(
  search: Readonly<Record<string, string | string[] | undefined>>,
): string[] {
  return Object.entries(liveParsers).flatMap(([key, parser]) => {
    const given = search[key];
    const text = Array.isArray(given) ? given[0] : given;
    if (text === undefined || parser.parse(text) !== null) return [];
    const instead = key === "window" ? "one minute is shown" : "single predictions are shown";
    return [
      `“${key}=${text.slice(0, 60)}” in the address is no choice of this view, so ${instead}.`,
    ];
  });
}
