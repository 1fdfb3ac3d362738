const TOKEN = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|sepal_[\w-]{43}/g;

/** A text without what differs from one run to the next: ids, keys, dates and durations. */
export function lasting(text: string): string {
  return text
    .trimEnd()
    .replaceAll(TOKEN, "<token>")
    .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"<date>"')
    .replaceAll(/(?<="processing_time_ms":)[\d.]+/g, "<milliseconds>")
    .replaceAll(/\d+(?:\.\d+)? (?=ms\b|s\b)/g, "<duration> ");
}

/** Which id or key of the run stands where the page shows another one. */
export function tokensOf(shown: string, printed: string): Map<string, string> {
  const actual = printed.match(TOKEN) ?? [];
  return new Map((shown.match(TOKEN) ?? []).map((token, index) => [token, actual[index] ?? token]));
}

/** What was printed as the page shows it: a shown line that ends in `…` leaves the rest of it out. */
export function asShown(shown: string, printed: string): string {
  const lines = lasting(shown).split("\n");
  const found = lasting(printed).split("\n");
  // A line of its own stands for all that follows.
  const kept = lines.at(-1) === "…" ? [...found.slice(0, lines.length - 1), "…"] : found;
  return kept
    .map((line, index) => {
      const [start, rest] = (lines[index] ?? "").split("…");
      return rest === "" && start !== undefined && line.startsWith(start) ? `${start}…` : line;
    })
    .join("\n");
}
