import { expectNoAxeFindings } from "../support/axe.ts";
import { expect, open, test } from "../support/test.ts";

test("the API page folds aliases, and an operation opens to its schema, an example and its response", async ({
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
