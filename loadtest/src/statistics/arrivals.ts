/** When requests are due: at even distances, or as independent users make them. */
export type Schedule = "constant" | "poisson";

/** Milliseconds until the next request at a rate a second. */
export function arrivalGap(schedule: Schedule, rate: number, random: () => number): number {
  const mean = 1000 / rate;
  // Gaps of a Poisson process are exponential; 1 - random is never 0.
  return schedule === "constant" ? mean : -Math.log(1 - random()) * mean;
}

/** The times, in milliseconds from the start, at which requests of `length` milliseconds are due. */
export function arrivalTimes(
  schedule: Schedule,
  rate: number,
  length: number,
  random: () => number,
): Float64Array {
  const times: number[] = [];
  for (let due = 0; due < length; due += arrivalGap(schedule, rate, random)) times.push(due);
  // Nothing is due at the very start, when connections may still open.
  return Float64Array.from(times.slice(1));
}
