/** Whether tests run at full size, as `pnpm test:deep` runs them; `pnpm test` takes smaller ones. */
export const FULL = process.env["TEST_SIZE"] === "full";

/** A size of the full suite, or a smaller one that is quick. */
export function sized<Full, Short = Full>(full: Full, short: Short): Full | Short {
  return FULL ? full : short;
}
