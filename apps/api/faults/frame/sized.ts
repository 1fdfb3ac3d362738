/** Whether faults are tried at full size, as `pnpm test:faults` does; `pnpm test` takes smaller ones. */
export const FULL = process.env["FAULTS"] === "full";

/** A size of the full suite, or a smaller one that is quick. */
export function sized(full: number, short: number): number {
  return FULL ? full : short;
}
