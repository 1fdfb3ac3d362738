import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { expect, open, test } from "../support/test.ts";

const REPORTS = new URL("../../loadtest/reports/", import.meta.url);

const REPORT = "/load?run=overload";

// In one column, wider and narrower than the picture before its width is known.
for (const width of [1000, 390]) {
  test(`a chart's texts have the size of a text in a window of ${width} pixels`, async ({
    page,
  }) => {
    await page.setViewportSize({ width, height: 900 });
    await open(page, REPORT);
    const tick = page
      .getByRole("img", { name: /^Resident memory:/ })
      .locator("text")
      .first();
    const height = async () => (await tick.boundingBox())?.height ?? 0;
    await expect.poll(height).toBeGreaterThan(11);
    expect(await height()).toBeLessThan(18);
  });
}

test("a long table scrolls under its head", async ({ page }) => {
  await open(page, REPORT);
  const table = page.getByRole("region", { name: /^Sepal REST/ });
  const last = table.getByRole("row").last();
  await last.scrollIntoViewIfNeeded();
  await expect(last).toBeInViewport();
  const head = table.getByRole("columnheader", { name: "p99 ms" });
  await expect(head).toBeInViewport();
  const [outer, inner] = [await table.boundingBox(), await head.boundingBox()];
  expect(Math.abs((inner?.y ?? 0) - (outer?.y ?? 0))).toBeLessThan(3);
});

test("a table wider than the window scrolls by itself", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 900 });
  await open(page, "/load?run=isolation");
  const table = page.getByRole("region", { name: /^Phases/ });
  await expect(table.getByText("not measured").first()).toBeAttached();
  const hidden = (box: Element) => box.scrollWidth - box.clientWidth;
  expect(await table.evaluate(hidden)).toBeGreaterThan(0);
  expect(await page.locator("html").evaluate(hidden)).toBe(0);
});

test("a report says by which command it is made again", async ({ page }) => {
  await open(page, REPORT);
  await expect(
    page
      .getByRole("article")
      .getByText(/^npx -y pnpm@12 loadtest overload/)
      .first(),
  ).toBeVisible();
});

test("a run on this machine is listed beside the report that came with Sepal", async ({ page }) => {
  const local = new URL("local/browser-test.json", REPORTS);
  mkdirSync(new URL("local/", REPORTS), { recursive: true });
  copyFileSync(new URL("overload.json", REPORTS), local);
  try {
    await open(page, "/load?run=local/browser-test");
    const runs = page.getByRole("navigation", { name: "Runs" });
    await expect(runs.locator('[aria-current="page"]')).toContainText("run on this machine");
    await expect(runs.locator('a[href="/load?run=overload"]')).not.toContainText("this machine");
  } finally {
    rmSync(local);
  }
});

test("the bench is a race of two heatmaps at their recorded speed", async ({ page }) => {
  await open(page, "/load?run=bench");
  const race = page.getByRole("region", { name: "Race" });
  await expect(race.getByRole("img", { name: /^Sepal REST: \d{3},\d{3} responses/ })).toBeVisible();
  await expect(race.getByRole("img", { name: /^FastAPI \+ scikit-learn:/ })).toBeVisible();
  await race.getByLabel("Against").selectOption({ label: "MLServer" });
  await expect(race.getByRole("img", { name: /^MLServer:/ })).toBeVisible();
  const responses = async () =>
    Number((await race.locator("figcaption").first().innerText()).replaceAll(/\D/g, ""));
  const whole = await responses();
  await race.getByRole("button", { name: "Race" }).click();
  await expect.poll(responses).toBeLessThan(whole);
  await expect.poll(responses).toBe(whole);
});

test("opens on the homework, with the reports in groups", async ({ page }) => {
  await open(page, "/load");
  await expect(page.getByRole("heading", { name: "100 users for 60 seconds" })).toBeVisible();
  const runs = page.getByRole("navigation", { name: "Runs" });
  await expect(runs.getByRole("heading")).toHaveText(["Course", "Comparison", "Reliability"]);
  await expect(runs.getByRole("region", { name: "Course" }).getByRole("link").first()).toHaveText(
    /^100 users for 60 seconds/,
  );
});
