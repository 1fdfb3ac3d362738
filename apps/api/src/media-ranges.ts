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

/** How much a client wants a media type, by the most specific range that fits it. */
interface Preference {
  /** From 0, not acceptable, to 1. */
  readonly quality: number;
  /** 3 for the type itself, 2 for its group, 1 for any type, 0 where no range fits. */
  readonly specific: number;
}

/** How much an `accept` header asks for a type (RFC 9110, 12.5.1); types are compared in lower case. */
export function preference(accept: string, type: string): Preference {
  const ranges = mediaRanges(accept);
  const fitting = [type, `${type.split("/")[0]}/*`, "*/*"];
  for (const [index, wanted] of fitting.entries()) {
    const range = ranges.find((each) => each.type === wanted);
    if (range !== undefined) return { quality: range.quality, specific: fitting.length - index };
  }
  return { quality: 0, specific: 0 };
}
