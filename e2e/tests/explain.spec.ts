import { expectNoAxeFindings } from "../support/axe.ts";
import { startForwarder } from "../support/forwarder.ts";
import { freePort, startWeb } from "../support/servers.ts";
import { expect, open, test } from "../support/test.ts";

test("a server that does not explain is said to", async ({ page }) => {
  await open(page, "/predict/iris-forest");
  const section = page.getByRole("region", { name: "What each feature adds" });
  await expect(section).toContainText("does not offer them");
});

test("a server that explains gets its Shapley values drawn", async ({ page, apiUrl }) => {
  const contributions = {
    sepal_length: [0.02, -0.01, -0.01],
    sepal_width: [0.01, 0, -0.01],
    petal_length: [0.34, -0.17, -0.17],
    petal_width: [0.3, -0.15, -0.15],
  };
  await using forwarder = await startForwarder(apiUrl, {
    "/trpc/models.list": (body) =>
      JSON.parse(JSON.stringify(body).replaceAll('"is_default"', '"explain":true,"is_default"')),
    "/iris/explain": () => ({ proba: [1, 0, 0], base: [0.33, 0.33, 0.34], contributions }),
  });
  await using web = await startWeb(await freePort(), forwarder.url);
  await open(page, `${web.url}/predict/iris-forest`);
  const bars = page.getByRole("list", { name: "Contributions to setosa" });
  await expect(bars.getByRole("listitem").filter({ hasText: "Petal length" })).toContainText(
    "+34.0 %",
  );
  await expect(page.getByText("From 33.0 %, the average")).toBeVisible();
  await expectNoAxeFindings(page);
});
