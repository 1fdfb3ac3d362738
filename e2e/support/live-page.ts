import type { Page } from "@playwright/test";
import { expect } from "./test.ts";

/** What the page says while it follows. */
export const LIVE = "Live, a point a second.";

/** The value under a name among the figures. */
export function figure(page: Page, name: string) {
  return page.getByRole("definition").filter({
    has: page.locator(`xpath=preceding-sibling::dt[normalize-space()="${name}"]`),
  });
}

/** Milliseconds of a figure such as `2.1 ms`. */
export async function milliseconds(page: Page, name: string): Promise<number> {
  const [, value, unit] =
    /([\d.]+) (µs|ms|s)/.exec((await figure(page, name).textContent()) ?? "") ?? [];
  return Number(value) * (unit === "s" ? 1000 : unit === "ms" ? 1 : 0.001);
}

/** Numbers of one chart's table, without the times. */
export async function numbersOf(page: Page, chart: string): Promise<number[]> {
  await page.getByRole("button", { name: `${chart} as a table` }).click();
  const cells = page.getByRole("table", { name: chart }).getByRole("cell");
  await expect(cells.first()).toBeVisible();
  const texts = await cells.allTextContents();
  await page.getByRole("button", { name: `${chart} as a table` }).click();
  return texts.map((text) => Number.parseFloat(text)).filter((value) => !Number.isNaN(value));
}
