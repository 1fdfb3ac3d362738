/** `.000` to `.999`: a look-up costs a third of printing a fraction. */
const THOUSANDTHS = Array.from(
  { length: 1000 },
  (_, index) => `.${String(index).padStart(3, "0")}`,
);

/** Milliseconds as text, to the microsecond. */
export function milliseconds(value: number): string {
  const microseconds = Math.max(0, Math.round(value * 1000));
  return `${Math.trunc(microseconds / 1000)}${THOUSANDTHS[microseconds % 1000]}`;
}
