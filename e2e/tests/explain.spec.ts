import { expectNoAxeFindings } from "../support/axe.ts";
import { expect, field, open, test } from "../support/test.ts";

const HEADING = { name: "What each feature adds" };

test("a model that is not explained has no place for it", async ({ page }) => {
  await open(page, "/predict/wine-forest");
  await expect(page.getByRole("heading", { name: "What if one thing changed" })).toBeVisible();
  await expect(page.getByRole("heading", HEADING)).toHaveCount(0);
});

test("a model that is explained gets its Shapley values drawn, for every class", async ({
  page,
  apiUrl,
}) => {
  await open(page, "/predict/iris-forest?f=5.1,3.5,1.4,0.2");
  const section = page.getByRole("region", HEADING);
  const data = { features: [5.1, 3.5, 1.4, 0.2] };
  const reply = await page.request.post(`${apiUrl}/explain`, { data });
  const { base, proba, contributions } = await reply.json();
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  for (const [index, label] of ["setosa", "versicolor", "virginica"].entries()) {
    const panel = section.getByRole("figure").filter({ hasText: label });
    await expect(panel).toContainText(percent(base[index]));
    await expect(panel).toContainText(percent(proba[index]));
    const rows = panel.getByRole("list", { name: `Contributions to ${label}` });
    const petal = rows.getByRole("listitem").filter({ hasText: "Petal length" });
    const added = contributions.petal_length[index];
    await expect(petal).toContainText(`${added < 0 ? "−" : "+"}${percent(Math.abs(added))}`);
  }
  await expectNoAxeFindings(page);
});

test("the bars follow the input", async ({ page }) => {
  await open(page, "/predict/iris-forest?f=5.1,3.5,1.4,0.2");
  const rows = page.getByRole("list", { name: "Contributions to setosa" });
  const petal = rows.getByRole("listitem").filter({ hasText: "Petal length" });
  await expect(petal).toContainText("+29.7 %");
  await field(page, "Petal length").fill("5.1");
  await expect(petal).toContainText("−");
});

test("the response time is split as the server says", async ({ page }) => {
  const header = /^queue;dur=[\d.]+, compute;dur=[\d.]+, total;dur=[\d.]+$/;
  await open(page, "/predict/iris-forest?f=5.1,3.5,1.4,0.2");
  const answered = page.waitForResponse(/\/trpc\/[\w.]*predict$/);
  await field(page, "Petal length").fill("4.4");
  expect((await answered).headers()["server-timing"]).toMatch(header);
  const parts = page.getByRole("list", { name: "Parts of the response time" });
  for (const name of ["network", "queue", "inference", "rest of the server"]) {
    await expect(parts.getByRole("listitem").filter({ hasText: name })).toContainText(/\d/);
  }
});
