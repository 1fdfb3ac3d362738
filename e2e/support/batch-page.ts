import { readFile } from "node:fs/promises";
import { expect, type Page, type Route } from "@playwright/test";

/** Header of a table of irises. */
export const HEADER = "sepal_length,sepal_width,petal_length,petal_width";

/** A table of `rows` different irises, each with its own number in the column `id`. */
export function irisTable(rows: number): string {
  const lines = Array.from({ length: rows }, (_, index) => {
    const part = (step: number, low: number, span: number) =>
      (low + ((index * step) % 97) * (span / 97)).toFixed(2);
    return `${index + 1},${part(7, 4.3, 3.6)},${part(11, 2, 2.4)},${part(13, 1, 5.9)},${part(17, 0.1, 2.4)}`;
  });
  return `id,${HEADER}\n${lines.join("\n")}\n`;
}

/** Gives the page a file. */
export async function giveFile(page: Page, name: string, text: string | Buffer): Promise<void> {
  const buffer = typeof text === "string" ? Buffer.from(text) : text;
  await page.getByLabel("CSV or NDJSON file").setInputFiles({ name, mimeType: "text/csv", buffer });
}

/** Starts the run once the table is ready. */
export async function predict(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Predict", exact: true }).click();
}

/** A download that a button starts. */
export async function downloadBytes(page: Page, button: string): Promise<Buffer> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click(),
  ]);
  return readFile(await download.path());
}

/** The lines of a download that a button starts, its last line break cut off. */
export async function downloadLines(page: Page, button: string): Promise<string[]> {
  return (await downloadBytes(page, button)).toString().trimEnd().split(/\r?\n/);
}

/** Expects the results to hold every row of {@link irisTable} once, in order, with a prediction. */
export function expectEveryRowOnce(lines: readonly string[], rows: number): void {
  const [header = "", ...body] = lines;
  expect(header.split(",")).toEqual([
    "id",
    ...HEADER.split(","),
    "class",
    "label",
    "confidence",
    "proba_setosa",
    "proba_versicolor",
    "proba_virginica",
    "error",
  ]);
  expect(body).toHaveLength(rows);
  const wrong = body.filter((line, index) => {
    const cells = line.split(",");
    return cells[0] !== String(index + 1) || cells[6] === "" || cells[11] !== "";
  });
  expect(wrong).toEqual([]);
}

/** Lets `free` chunks pass and holds the rest until `release`; the server responds to all of them. */
export async function holdChunks(page: Page, free: number) {
  let seen = 0;
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: held, resolve: hold } = Promise.withResolvers<void>();
  await page.context().route("**/trpc/*predictBatch", async (route: Route) => {
    seen += 1;
    if (seen > free) {
      hold();
      await released;
    }
    // A chunk that was cancelled meanwhile has no route any more.
    await route.continue().catch(() => {});
  });
  return { held, release };
}
