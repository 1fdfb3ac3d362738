/** Which scheme a person chose; `system` follows `prefers-color-scheme`. */
export type Theme = "system" | "light" | "dark";

/** Cookie that keeps the choice, so that the first response already has it. */
export const THEME_COOKIE = "sepal-theme";

/** A theme from a cookie's value; anything unknown is `system`. */
export function readTheme(value: string | undefined): Theme {
  return value === "light" || value === "dark" ? value : "system";
}
