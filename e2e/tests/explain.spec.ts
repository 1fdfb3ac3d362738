import { expectNoAxeFindings } from "../support/axe.ts";
import { expect, field, open, test } from "../support/test.ts";

const HEADING = { name: "Feature contributions" };

test("a model of thirteen features is explained from its trees", async ({ page, apiUrl }) => {
  await open(page, "/predict/wine-forest");
  const section = page.getByRole("region", HEADING);
  await expect(section).toContainText("Method: tree.");
  await expect(section.getByRole("figure")).toHaveCount(3);
  const { explain } = await (await page.request.get(`${apiUrl}/models/wine-forest`)).json();
  expect(explain).toEqual({ offered: true, reason: null });
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
  await expect(section).toContainText("Method: exact.");
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

test("the server's time is its own, and the rest is split as browser and server say", async ({
  page,
}) => {
  const header = /^queue;dur=[\d.]+, compute;dur=[\d.]+, total;dur=([\d.]+)$/;
  await open(page, "/predict/iris-forest?f=5.1,3.5,1.4,0.2&tab=code");
  const predicted = page.waitForResponse(/\/trpc\/[\w.]*predict$/);
  await field(page, "Petal length").fill("4.4");
  const [, total] = header.exec((await predicted).headers()["server-timing"] ?? "") ?? [];
  const server = Number(total);
  const text = server >= 10 ? server.toFixed(0) : server.toFixed(server >= 1 ? 1 : 2);
  const result = page.getByRole("region", { name: "Result" });
  await expect(result).toContainText(`${text} ms`);
  const parts = page.getByRole("list", { name: "Parts of the response time" });
  for (const name of ["browser", "proxy", "queue", "inference", "rest of the server"]) {
    await expect(parts.getByRole("listitem").filter({ hasText: name })).toContainText(/\d ms/);
  }
});

test("a sampled explanation says so, with its standard error and its rows", async ({ page }) => {
  // The form of an explanation that is sampled, which no model here needs.
  const names = ["sepal_length", "sepal_width", "petal_length", "petal_width"];
  const each = (values: number[]) => Object.fromEntries(names.map((name) => [name, values]));
  const data = {
    proba: [0.6, 0.2, 0.2],
    base: [0.4, 0.3, 0.3],
    contributions: each([0.05, -0.025, -0.025]),
    method: "sampled",
    standard_error: { ...each([0.001, 0.001, 0.001]), petal_width: [0.001, 0.02, 0.001] },
    rows: 51_200,
    model_used: "iris-forest",
    model_version: "1",
    processing_time_ms: 1,
  };
  await page.route("**/trpc/iris.explain", (route) =>
    route.fulfill({ json: { result: { data } } }),
  );
  await open(page, "/predict/iris-forest");
  const section = page.getByRole("region", HEADING);
  await expect(section).toContainText("Method: sampled.");
  await expect(section).toContainText("Standard error of a contribution: at most 2.0 %.");
  await expect(section).toContainText("51,200 rows predicted.");
});
