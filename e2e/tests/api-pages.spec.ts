import { expect, test, type Page } from "@playwright/test";

/** The API's own pages are of another server than the playground. */
async function openPage(page: Page, path: string): Promise<string[]> {
  const faults: string[] = [];
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.goto((process.env["SEPAL_API_URL"] ?? "") + path);
  return faults;
}

test("Swagger UI works under its policy: it tries a prediction out", async ({ page }) => {
  const faults = await openPage(page, "/docs");
  const operation = page.locator("#operations-predictions-predict");
  await operation.getByRole("button", { name: /Predict one Iris row/ }).click();
  await operation.getByRole("button", { name: "Execute" }).click();
  const response = operation.locator(".live-responses-table .response .highlight-code").first();
  await expect(response).toContainText('"label": "setosa"');
  expect(faults).toEqual([]);
});

test("ReDoc works under its policy: it shows and finds operations", async ({ page }) => {
  const faults = await openPage(page, "/redoc");
  await expect(page.getByRole("heading", { name: "Predict one Iris row" }).first()).toBeVisible();
  await page.getByRole("textbox", { name: /search/i }).fill("shapley");
  await expect(page.getByRole("search").getByRole("menuitem").first()).toBeVisible();
  // The badge of the viewer's makers: that the policy keeps it away is the point.
  expect(faults.filter((fault) => !fault.includes("cdn.redoc.ly/redoc/logo"))).toEqual([]);
});
