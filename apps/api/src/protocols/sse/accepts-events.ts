interface MediaRange {
  readonly type: string;
  /** From 0, not acceptable, to 1. */
  readonly quality: number;
}

function mediaRanges(accept: string): MediaRange[] {
  return accept.split(",").map((range) => {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    const quality = weight === undefined ? 1 : Number(weight.slice(2));
    return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
  });
}

/** How much a type is wanted, by the most specific range that fits it, and how specific that is. */
function preference(ranges: readonly MediaRange[], type: string) {
  const fitting = [type, `${type.split("/")[0]}/*`, "*/*"];
  for (const [index, wanted] of fitting.entries()) {
    const range = ranges.find((each) => each.type === wanted);
    if (range !== undefined) return { quality: range.quality, specific: fitting.length - index };
  }
  return { quality: 0, specific: 0 };
}

/**
 * Whether an `accept` header asks for events rather than JSON (RFC 9110, 12.5.1): it weighs them
 * higher, or as high and names them more specifically; otherwise JSON is the default.
 */
export function acceptsEvents(accept: string | undefined): boolean {
  if (accept === undefined || !accept.toLowerCase().includes("text/")) return false;
  const ranges = mediaRanges(accept);
  const events = preference(ranges, "text/event-stream");
  const json = preference(ranges, "application/json");
  if (events.quality !== json.quality) return events.quality > json.quality;
  return events.quality > 0 && events.specific > json.specific;
}
