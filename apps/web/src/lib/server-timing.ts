/** The parts of a `Server-Timing` header that Sepal sends, in milliseconds; absent parts are `null`. */
export interface ServerTiming {
  readonly queue: number | null;
  readonly compute: number | null;
  readonly total: number | null;
}

/** Reads a `Server-Timing` header; unknown metrics and those without a duration are left out. `null` without a header. */
export function parseServerTiming(header: string | null): ServerTiming | null {
  if (header === null) return null;
  const durations = new Map<string, number>();
  for (const metric of header.split(",")) {
    const [name = "", ...parameters] = metric.split(";").map((part) => part.trim());
    for (const parameter of parameters) {
      const [key, value = ""] = parameter.split("=").map((part) => part.trim());
      const duration = Number(value.replaceAll('"', ""));
      if (key === "dur" && value !== "" && Number.isFinite(duration)) durations.set(name, duration);
    }
  }
  const part = (name: string) => durations.get(name) ?? null;
  return { queue: part("queue"), compute: part("compute"), total: part("total") };
}
