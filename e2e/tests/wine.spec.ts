import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { downloadLines, giveFile, predict } from "../support/batch-page.ts";
import { predictionOf, expect, field, open, test } from "../support/test.ts";

// A second contract: every view follows from its data.

const DATASET = readFileSync(
  fileURLToPath(new URL("../../models/datasets/wine.csv", import.meta.url)),
  "utf8",
);

for (const width of [390, 1280]) {
  test(`thirteen sliders stand under their headings in a window of ${width} pixels`, async ({
    page,
  }) => {
    await page.setViewportSize({ width, height: 900 });
    await open(page, "/predict/wine-forest");
    const input = page.getByRole("region", { name: "Input" });
    await expect(input.getByRole("slider")).toHaveCount(13);
    for (const [name, sliders] of Object.entries({ Composition: 6, Phenols: 4, Colour: 3 })) {
      await expect(input.getByRole("group", { name }).getByRole("slider")).toHaveCount(sliders);
    }
    const places = await input
      .getByRole("textbox")
      .evaluateAll((boxes) => boxes.map((box) => Math.round(box.getBoundingClientRect().left)));
    expect(new Set(places).size).toBe(1);
    const box = await input.boundingBox();
    expect(box?.height).toBeLessThan(width === 390 ? 1000 : 850);
  });
}

test("sliders, fields and examples change the prediction", async ({ page }) => {
  await open(page, "/predict/wine-forest");
  await expect(predictionOf(page, "wine-forest")).toContainText("barolo");
  await page.getByRole("button", { name: "A typical barbera" }).click();
  await expect(predictionOf(page, "wine-forest").getByText("barbera").first()).toBeVisible();
  await expect(field(page, "Proline")).toHaveValue("650");
  await field(page, "Flavanoids").fill("-1");
  await expect(field(page, "Flavanoids")).toHaveAccessibleDescription(
    "Enter a number of 0 or more.",
  );
  await field(page, "Flavanoids").fill("0");
  await expect(page).toHaveURL(/f=13\.32,3\.24,2\.38,21\.5,92,1\.93,0,/);
  const slider = page.getByRole("slider", { name: "Proline, slider" });
  await slider.focus();
  await page.keyboard.press("Home");
  await expect(field(page, "Proline")).toHaveValue("0");
});

test("borders, curves and snippet are those of wine", async ({ page }) => {
  await open(page, "/predict/wine-forest?tab=boundary&x=od280_od315_of_diluted_wines&y=proline");
  await expect(
    page.getByRole("img", {
      name: /^Proline over OD280\/OD315, diluted\. Share of the map: barolo \d/,
    }),
  ).toBeVisible();
  await page.getByLabel("Across").selectOption("Flavanoids");
  await expect(
    page.getByRole("img", { name: /^Proline over flavanoids\. Share of the map: barolo \d/ }),
  ).toBeVisible();
  await page.getByRole("tab", { name: "What if" }).click();
  await expect(page.getByRole("img", { name: /^Probabilities along .*: barolo \d/ })).toHaveCount(
    13,
  );
  await page.getByRole("tab", { name: "Code" }).click();
  await expect(page.getByRole("region", { name: "TypeScript client snippet" })).toContainText(
    "sepal.wine.predict.mutate",
  );
});

test("only models of the same contract can be compared, and any model can be opened", async ({
  page,
}) => {
  await open(page, "/predict/wine-forest?with=iris-mlp");
  await expect(page.getByRole("list", { name: "Notices" })).toContainText(
    "cannot be compared here",
  );
  await expect(page.getByRole("checkbox", { name: "iris-mlp" })).toHaveCount(0);
  await page.getByLabel("Model", { exact: true }).selectOption("iris-mlp");
  await expect(page).toHaveURL(/\/predict\/iris-mlp$/);
  await expect(predictionOf(page, "iris-mlp")).toContainText("setosa");
  await expect(page.getByRole("checkbox", { name: "wine-forest" })).toHaveCount(0);
  await field(page, "Petal length").fill("5.5");
  await expect(page).toHaveURL(/f=5\.1,3\.5,5\.5,0\.2/);
  await page.getByLabel("Model", { exact: true }).selectOption("iris-logistic");
  await expect(page).toHaveURL(/\/predict\/iris-logistic\?f=5\.1,3\.5,5\.5,0\.2/);
});

test("a file of wines is matched to the contract by its header and predicted", async ({ page }) => {
  await open(page, "/batch?model=wine-forest");
  const [header = "", ...rows] = DATASET.trimEnd().split("\n");
  const renamed = header
    .replace("alcohol", "Alcohol (%)")
    .replace("od280_od315", "od280/od315")
    .replace("class", "truth");
  // The columns in another order: the names decide.
  const reversed = [renamed, ...rows].map((line) => line.split(",").toReversed().join(","));
  await giveFile(page, "wines.csv", reversed.join("\n"));
  await predict(page);
  await expect(page.getByText(/^178 rows predicted by wine-forest/)).toBeVisible();
  const [first = "", ...lines] = await downloadLines(page, "Download predictions");
  const label = first.split(",").indexOf("label");
  expect(first).toContain("proba_barolo,proba_grignolino,proba_barbera");
  const wrong = lines.filter((line) => line.split(",")[0] !== line.split(",")[label]);
  expect(lines).toHaveLength(178);
  expect(wrong).toEqual([]);
});
