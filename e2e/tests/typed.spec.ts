import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expectNoAxeFindings } from "../support/axe.ts";
import { downloadLines, giveFile, predict } from "../support/batch-page.ts";
import { root } from "../support/servers.ts";
import { predictionOf, expect, field, open, PREDICTED, test } from "../support/test.ts";

// Categories, integers, missing values and regressions.

const PENGUIN = "Dream,38.8,18.4,190,3700,female,2008";
const INPUT = "Input";

function dataset(name: string): string {
  return readFileSync(join(root, `models/datasets/${name}.csv`), "utf8");
}

test("each feature has the control of its kind, and the address keeps its value", async ({
  page,
}) => {
  await open(page, `/predict/penguins-forest?f=${PENGUIN}`);
  const input = page.getByRole("region", { name: INPUT });
  await input.getByLabel("Island").selectOption("Biscoe");
  await expect(page).toHaveURL(/f=Biscoe,38\.8,/);
  await input.getByLabel("Sex").selectOption("Missing");
  await expect(page).toHaveURL(/,3700,,2008/);
  await field(page, "Year").fill("2008.5");
  await expect(field(page, "Year")).toHaveAccessibleDescription(/Enter a whole number\./);
  await field(page, "Year").fill("");
  await expect(page).toHaveURL(/,3700,,$/);
  const missing = input.getByRole("button", { name: "Missing: Bill length" });
  await missing.focus();
  await page.keyboard.press("Enter");
  await expect(missing).toHaveAttribute("aria-pressed", "true");
  await expect(page).toHaveURL(/f=Biscoe,,18\.4,/);
  await page.getByRole("slider", { name: "Bill length, slider" }).focus();
  await page.keyboard.press("End");
  await expect(missing).toHaveAttribute("aria-pressed", "false");
  await expect(predictionOf(page, "penguins-forest")).toContainText(PREDICTED);
  await expectNoAxeFindings(page);
  await page.reload();
  await expect(input.getByLabel("Island")).toHaveValue("Biscoe");
  await expect(field(page, "Year")).toHaveValue("");
});

test("the prediction is the server's for named values with missing ones", async ({
  page,
  apiUrl,
}) => {
  await open(page, "/predict/penguins-logistic?f=Biscoe,,,,,,2009&tab=code");
  const data = { features: { island: "Biscoe", year: 2009 }, model_name: "penguins-logistic" };
  const reply = await page.request.post(`${apiUrl}/penguins/predict`, { data });
  const { label, proba } = await reply.json();
  const prediction = predictionOf(page, "penguins-logistic");
  await expect(prediction).toContainText(label);
  for (const probability of proba) {
    await expect(prediction).toContainText(`${(probability * 100).toFixed(1)} %`);
  }
  await expect(page.getByRole("region", { name: "TypeScript client snippet" })).toContainText(
    '"features":{"island":"Biscoe","bill_length_mm":null',
  );
});

test("maps take numbers, what-if takes every kind", async ({ page }) => {
  await open(
    page,
    `/predict/penguins-forest?f=${PENGUIN}&tab=boundary&x=flipper_length_mm&y=body_mass_g`,
  );
  await expect(
    page.getByRole("img", { name: /^Body mass over flipper length\. Share of the map: Adelie \d/ }),
  ).toBeVisible();
  const across = page.getByLabel("Across").getByRole("option");
  await expect(across).toHaveText([
    "Bill length",
    "Bill depth",
    "Flipper length",
    "Body mass",
    "Year",
  ]);
  await page.getByRole("tab", { name: "What if" }).click();
  const islands = page.getByRole("list", { name: "Probabilities by Island" });
  await expect(islands.getByRole("listitem")).toContainText(["Biscoe", "Dream", "Torgersen"]);
  await expect(islands.getByRole("listitem").nth(1)).toHaveAttribute("aria-current", "true");
});

test("a regression gives a value, a map of values and the distance to another model", async ({
  page,
  apiUrl,
}) => {
  await open(page, "/predict/diabetes-ridge?with=diabetes-boosting&tab=boundary");
  const contract = await (await page.request.get(`${apiUrl}/contracts/diabetes`)).json();
  const { features } = contract.examples[0];
  const valueOf = async (name: string): Promise<number> => {
    const data = { features, model_name: name };
    const reply = await page.request.post(`${apiUrl}/diabetes/predict`, { data });
    return (await reply.json()).values.progression;
  };
  // Four digits.
  const shown = (value: number) => String(Number(value.toPrecision(4)));
  const [ridge, boosting] = [await valueOf("diabetes-ridge"), await valueOf("diabetes-boosting")];
  await expect(predictionOf(page, "diabetes-ridge")).toContainText(shown(ridge));
  const other = predictionOf(page, "diabetes-boosting");
  await expect(other).toContainText(shown(boosting));
  await expect(other).toContainText(boosting < ridge ? "−" : "+");
  await expect(page.getByRole("region", { name: "Result" })).toContainText(
    `The 2 models are ${shown(Math.abs(ridge - boosting))}`,
  );
  await expect(
    page.getByRole("img", { name: /^diabetes-ridge: .* Predictions from -?\d/ }),
  ).toBeVisible();
  await expect(
    page.getByRole("img", { name: /^How far they are apart: at most \d/ }),
  ).toBeVisible();
  await expectNoAxeFindings(page);
  await page.goto("/");
  await expect(page.getByText(/mean error, R² 0\.\d\d/)).toHaveCount(2);
});

for (const [model, table, rows, results] of [
  ["penguins-forest", "penguins", 344, "label,confidence,proba_Adelie"],
  ["diabetes-ridge", "diabetes", 442, "predicted_progression,error"],
] as const) {
  test(`the table of ${model} is predicted as it is`, async ({ page, apiUrl }) => {
    await open(page, `/batch?model=${model}`);
    await giveFile(page, `${table}.csv`, dataset(table));
    await predict(page);
    await expect(page.getByText(new RegExp(`^${rows} rows predicted by ${model}`))).toBeVisible();
    const lines = await downloadLines(page, "Download predictions");
    expect(lines[0]).toContain(results);
    const reply = await page.request.post(`${apiUrl}/${table}/predict-file?model_name=${model}`, {
      headers: { "content-type": "text/csv" },
      data: dataset(table),
    });
    expect(lines).toEqual((await reply.text()).trimEnd().split(/\r?\n/));
  });
}
