import { parsePrometheus, type Sample } from "@sepal/schema/prometheus-text";

/** One scrape, ready to be compared with another. */
export interface Reading {
  /** When it was taken, in milliseconds since the epoch. */
  readonly at: number;
  /** Counters and the parts of histograms, by series. */
  readonly counters: ReadonlyMap<string, Sample>;
  readonly gauges: readonly Sample[];
}

/** What every counter gained between two scrapes. */
export interface Increases {
  /** Whether the server started anew in between: its counters then began at 0. */
  readonly restarted: boolean;
  /** `value` is the gain; never negative. */
  readonly samples: readonly Sample[];
}

const HISTOGRAM_PART = /_(?:bucket|count|sum)$/;

function seriesKey({ name, labels }: Sample): string {
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return name + JSON.stringify(sorted);
}

/** Reads the text of one scrape that was taken at `at`, in milliseconds since the epoch. */
export function readScrape(text: string, at: number): Reading {
  const { types, samples } = parsePrometheus(text);
  const counters = new Map<string, Sample>();
  const gauges: Sample[] = [];
  for (const sample of samples) {
    const type = types.get(sample.name) ?? types.get(sample.name.replace(HISTOGRAM_PART, ""));
    if (type === "counter" || type === "histogram") counters.set(seriesKey(sample), sample);
    else gauges.push(sample);
  }
  return { at, counters, gauges };
}

/** A counter that fell or a series that is gone: only a new process does that. */
function hasRestarted(before: Reading, after: Reading): boolean {
  for (const [key, { value }] of before.counters) {
    const now = after.counters.get(key);
    if (now === undefined || now.value < value) return true;
  }
  return false;
}

/** What happened between two scrapes; a series that was not there before began at 0. */
export function increasesBetween(before: Reading, after: Reading): Increases {
  const restarted = hasRestarted(before, after);
  const samples: Sample[] = [];
  for (const [key, sample] of after.counters) {
    const from = restarted ? 0 : (before.counters.get(key)?.value ?? 0);
    samples.push({ ...sample, value: sample.value - from });
  }
  return { restarted, samples };
}
