import { expectNoAxeFindings } from "../support/axe.ts";
import { expect, open, test } from "../support/test.ts";

test("a text is classified, and an embedding finds its neighbours", async ({ page }) => {
  await open(page, "/predict/speeches-logistic");
  const status = page.getByRole("region", { name: "Result" }).getByRole("status");
  await page.getByRole("button", { name: "Border and taxes" }).click();
  await expect(status).toHaveText(/^Republican, /);
  const first = await status.innerText();
  await page.getByLabel("Passage").fill("Every child deserves health care and a good school.");
  await expect(status).not.toHaveText(first);
  await expect(status).toHaveText(/^(Democratic|Republican), /);
  await expectNoAxeFindings(page);

  await open(page, "/predict/speeches-svd");
  const neighbours = page.getByRole("tabpanel", { name: "Neighbours" });
  await page.getByRole("button", { name: "Space" }).click();
  await expect(neighbours.getByRole("listitem").first()).toContainText("Ronald Reagan, 1984");
  await page.getByLabel("Text").fill("Wind, solar power and oil");
  await expect(neighbours.getByRole("listitem").first()).toContainText(/energy|oil/i);
  await expectNoAxeFindings(page);
});
