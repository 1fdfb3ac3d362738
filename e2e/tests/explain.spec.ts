import { expectNoAxeFindings } from "../support/axe.ts";
import { expect, open, test } from "../support/test.ts";

test("a model that is not explained is said to be", async ({ page }) => {
  await open(page, "/predict/wine-forest");
  const section = page.getByRole("region", { name: "What each feature adds" });
  await expect(section).toContainText("does not offer them");
});

test("a model that is explained gets its Shapley values drawn", async ({ page }) => {
  await open(page, "/predict/iris-forest?f=5.1,3.5,1.4,0.2");
  const bars = page.getByRole("list", { name: "Contributions to setosa" });
  await expect(bars.getByRole("listitem").filter({ hasText: "Petal length" })).toContainText(
    "+29.7 %",
  );
  await expect(page.getByText("From 33.3 %, the average")).toBeVisible();
  await expectNoAxeFindings(page);
});
