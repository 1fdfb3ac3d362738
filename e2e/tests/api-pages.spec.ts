import { type Page } from "@playwright/test";
import { expectNoAxeFindings } from "../support/axe.ts";
import { expect, open, test } from "../support/test.ts";

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
  const answer = operation.locator(".live-responses-table .response .highlight-code").first();
  await expect(answer).toContainText('"label": "setosa"');
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

test("the playground's API page folds aliases, and an operation opens to its schema, an example and its response", async ({
  page,
}) => {
  await open(page, "/api-docs");
  const row = page.getByRole("listitem").filter({ hasText: "also /iris/predict, /v2/predict" });
  await row.first().getByText("Predict one Iris row").click();
  await expect(row.getByRole("table", { name: "Request body" })).toContainText(
    "array of number, > 0, 4 items",
  );
  await row.getByLabel("Request body, JSON").fill('{"features":[6,2.7,5.1,-1]}');
  await row.getByRole("button", { name: "Send" }).click();
  await expect(row.getByRole("region", { name: "Response", exact: true })).toContainText(/^422/);
  await row.getByLabel("Request body, JSON").fill('{"features":[6,2.7,5.1,1.6]}');
  await row.getByRole("button", { name: "Send" }).click();
  await expect(row.getByRole("region", { name: "Response", exact: true })).toContainText(
    '"label": "versicolor"',
  );
  await expectNoAxeFindings(page);
  const file = page.getByRole("listitem").filter({ hasText: "/penguins/predict-file" });
  await file.getByText("/penguins/predict-file", { exact: true }).click();
  await expect(file.getByLabel("File, CSV")).toHaveValue(/^island,/);
  await file.getByRole("button", { name: "Send" }).click();
  await expect(file.getByRole("region", { name: "Response", exact: true })).toContainText("proba_");
  const named = page.getByRole("listitem").filter({ hasText: "Describe one model" });
  await named.getByText("/models/{model_name}", { exact: true }).click();
  await named.getByRole("button", { name: "Send" }).click();
  await expect(named.getByRole("region", { name: "Response", exact: true })).toContainText(
    '"contract": "iris"',
  );
});
