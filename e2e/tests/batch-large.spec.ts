import { writeFile } from "node:fs/promises";
import { FULL } from "../../apps/api/test/support/sized.ts";
import { downloadLines, expectEveryRowOnce, irisTable, predict } from "../support/batch-page.ts";
import { expect, open, test } from "../support/test.ts";

declare global {
  interface Window {
    /** Of the tasks over 50 ms of the main thread, in milliseconds. */
    tasks: { longest: number; all: number };
  }
}

// A trace takes pictures of the page, which are tasks of its main thread.
test.use({ trace: "off" });

test("100,000 rows run beside the page's main thread, and the results are the API's own", async ({
  page,
  apiUrl,
}, testInfo) => {
  await open(page, "/batch");
  const rows = 100_000;
  // From a file of its own: text that the test itself puts into the page would be the page's work.
  const path = testInfo.outputPath("irises.csv");
  await writeFile(path, irisTable(rows));
  await page.evaluate(() => {
    window.tasks = { longest: 0, all: 0 };
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        window.tasks.longest = Math.max(window.tasks.longest, duration);
        window.tasks.all += duration;
      }
    }).observe({ type: "longtask" });
  });
  const began = performance.now();
  await page.getByLabel("CSV or NDJSON file").setInputFiles(path);
  await predict(page);
  await expect(page.getByText(/^100,000 rows predicted by iris-forest 1 in/)).toBeVisible({
    timeout: 120_000,
  });
  await page.getByRole("region", { name: "Rows of the table" }).evaluate((table) => {
    table.scrollTop = table.scrollHeight;
  });
  await expect(page.getByRole("cell", { name: "100000", exact: true })).toBeVisible();
  const took = performance.now() - began;
  const { longest, all } = await page.evaluate(() => window.tasks);
  // On a busy machine a task takes as long as others leave it; reading and scoring there would be most of the run.
  expect(all / took, "part of the time in long tasks").toBeLessThan(0.25);
  if (FULL) expect(longest, "milliseconds of the longest task").toBeLessThanOrEqual(100);

  const lines = await downloadLines(page, "Download predictions");
  expectEveryRowOnce(lines, rows);
  for (let row = 1; row <= rows; row += 4999) {
    const [, ...cells] = lines[row]?.split(",") ?? [];
    const features = cells.slice(0, 4).map(Number);
    const response = await fetch(`${apiUrl}/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ features }),
    });
    const { class: index, label, confidence, proba } = await response.json();
    expect(cells.slice(4)).toEqual([index, label, confidence, ...proba, ""].map(String));
  }
});
