/** When requests are due: at even distances, or as independent users make them. */
export type Schedule = "constant" | "poisson";

/** Milliseconds until the next request at a rate a second. */
export function arrivalGap(schedule: Schedule, rate: number, random: () => number): number {
  const mean = 1000 / rate;
  // Gaps of a Poisson process are exponential; 1 - random is never 0.
  return schedule === "constant" ? mean : -Math.log(1 - random()) * mean;
}
