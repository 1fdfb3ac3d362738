import type { NumberField } from "@/lib/feature-range.ts";

/** Size of a plot's picture and of the margins for its axes, in its own units. */
export const FRAME = { width: 420, height: 360, left: 52, right: 8, top: 8, bottom: 40 } as const;

/** Width and height of the plotted area. */
export const AREA = {
  width: FRAME.width - FRAME.left - FRAME.right,
  height: FRAME.height - FRAME.top - FRAME.bottom,
} as const;

/** Round numbers within a range, about `count` of them. */
export function ticks(min: number, max: number, count: number): number[] {
  const rough = (max - min) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? power;
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const found: number[] = [];
  for (let at = Math.ceil(min / step) * step; at <= max + step * 1e-6; at += step) {
    found.push(Number(at.toFixed(digits)));
  }
  return found;
}

/** Round values of a feature within its range, about `count` of them; of an integer whole ones. */
export function fieldTicks({ min, max, feature }: NumberField, count: number): number[] {
  const found = ticks(min, max, count);
  return feature.type === "integer" ? found.filter(Number.isInteger) : found;
}

/** A number beside a tick, short enough for the margin. */
export function tickText(value: number): string {
  if (Math.abs(value) < 1e5) return String(value);
  return value.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 3 });
}

/** Horizontal place of a value, in units of the picture. */
export function placeX(field: NumberField, value: number): number {
  return FRAME.left + ((value - field.min) / (field.max - field.min)) * AREA.width;
}

/** Vertical place of a value, in units of the picture. */
export function placeY(field: NumberField, value: number): number {
  return FRAME.top + (1 - (value - field.min) / (field.max - field.min)) * AREA.height;
}

/** An axis's text: the feature and its unit. */
export function axisTitle({ label, unit }: NumberField): string {
  return unit === "" ? label : `${label} (${unit})`;
}
