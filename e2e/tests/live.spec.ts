import { expectNoAxeFindings } from "../support/axe.ts";
import { figure, LIVE, numbersOf } from "../support/live-page.ts";
import { expect, open, test } from "../support/test.ts";

test("a load moves the charts, follows its rate and stops", async ({ page, apiUrl }) => {
  await open(page, "/live");
  await expect(page.getByText(LIVE)).toBeVisible();
  const rows = async () => {
    const text = await (await page.request.get(`${apiUrl}/metrics`)).text();
    const lines = text.matchAll(/^inference_rows_total\{.*lane="single".*\} (\d+)$/gm);
    return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
  };
  const before = await rows();
  await page.getByRole("button", { name: "Send load" }).click();
  // The server computes its metrics once a second.
  await expect.poll(rows).toBeGreaterThanOrEqual(before + 300);
  await expect(figure(page, "p99")).toContainText("between");
  await expect
    .poll(async () => Math.max(...(await numbersOf(page, "Single predictions"))))
    .toBeGreaterThan(5);
  expect(Math.max(...(await numbersOf(page, "Rows")))).toBeGreaterThan(15);
  await page.getByRole("slider", { name: "Rate" }).press("End");
  await expect(
    page.getByText(/^[\d,]+ responses.*(not sent: saturated|\d,\d{3}\/s)/),
  ).toBeVisible();
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByText(/^Ended: [\d,]+ responses/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Send load" })).toBeEnabled();
});

test("a hidden tab asks for nothing, and follows again when it is seen", async ({
  page,
  context,
}) => {
  const seen = await context.newPage();
  await open(seen, "/live");
  await open(page, "/live");
  await expect(page.getByText(LIVE)).toBeVisible();
  const asked = { hidden: 0, seen: 0 };
  const isTick = (url: string) => url.includes("/metrics/ticks");
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  page.on("request", (request) => {
    if (isTick(request.url())) asked.hidden += 1;
  });
  seen.on("request", (request) => {
    if (isTick(request.url())) asked.seen += 1;
  });
  await expect.poll(() => asked.seen).toBeGreaterThan(3);
  expect(asked.hidden).toBe(0);
  await page.evaluate(() => {
    Reflect.deleteProperty(document, "visibilityState");
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await expect.poll(() => asked.hidden).toBeGreaterThan(0);
});

test("the view pauses, and its choices are in the address", async ({ page }) => {
  await open(page, "/live?window=5&requests=all");
  await expect(page.getByRole("button", { name: "5 min", exact: true })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await expect(figure(page, "Errors")).toContainText("in 5 minutes");
  await page.getByRole("button", { name: "15 min" }).click();
  await expect(page).toHaveURL(/window=15/);
  await expect(page.getByText(LIVE)).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText(/^Paused at/)).toBeVisible();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText(LIVE)).toBeVisible();
  await open(page, "/live?window=7&requests=some");
  await expect(page.getByRole("list", { name: "Notices" }).getByRole("listitem")).toHaveCount(2);
});

test("axe finds nothing on charts and on their tables", async ({ page }) => {
  await open(page, "/live");
  await page.getByRole("button", { name: "Send load" }).click();
  await expect(figure(page, "p99")).toContainText("between");
  await expectNoAxeFindings(page);
  for (const button of await page.getByRole("button", { name: / as a table$/ }).all()) {
    await button.click();
  }
  await expect(page.getByRole("table")).toHaveCount(7);
  await expectNoAxeFindings(page);
});
