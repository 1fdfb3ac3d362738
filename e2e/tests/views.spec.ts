import { expectNoAxeFindings } from "../support/axe.ts";
import { predictionOf, expect, field, open, test } from "../support/test.ts";

const ROW = "6,2.7,5.1,1.6";

test("a counterfactual is a change of the row that the server gives another class", async ({
  page,
  apiUrl,
}) => {
  await open(page, `/predict/iris-forest?f=${ROW}&tab=counterfactual`);
  const section = page.getByRole("region", { name: "Counterfactual" });
  const first = section.getByRole("list", { name: "Changes of one feature" }).getByRole("listitem");
  await expect(first.first()).toContainText(/→ .* cm \([+−]\d/);
  await expect(
    section.getByRole("img", { name: /crosses the boundary to virginica/ }),
  ).toBeVisible();
  await expectNoAxeFindings(page);
  await first.first().getByRole("button", { name: "Try it" }).click();
  await expect(page).not.toHaveURL(new RegExp(`f=${ROW}`));
  const features = new URL(page.url()).searchParams.get("f")?.split(",").map(Number);
  const changed = features?.filter((value, place) => String(value) !== ROW.split(",")[place]);
  expect(changed).toHaveLength(1);
  const reply = await page.request.post(`${apiUrl}/predict`, { data: { features } });
  expect((await reply.json()).label).toBe("virginica");
  await expect(predictionOf(page)).toContainText("virginica");
  await page.goBack();
  await expect(page).toHaveURL(new RegExp(`f=${ROW}`));
  await page.getByLabel("Class to reach").selectOption("setosa");
  await expect(section.getByRole("img", { name: /crosses the boundary to setosa/ })).toBeVisible();
  await page.goto("/predict/diabetes-ridge?tab=counterfactual");
  await expect(page.getByText(/Diabetes predicts a number/)).toBeVisible();
});

test("the data of a model: distributions, where the row lies, and the nearest rows", async ({
  page,
}) => {
  await open(page, "/predict/iris-forest?f=5.1,3.5,1.4,0.2&tab=data");
  const section = page.getByRole("region", { name: "Training data" });
  await expect(section).toContainText("All 150 training rows");
  await expect(
    section.getByRole("img", { name: /^Petal length of the training rows\./ }),
  ).toHaveAccessibleName(/1\.4 cm: above 7 % of the rows/);
  await field(page, "Petal length").fill("20");
  await expect(section.getByRole("img", { name: /20 cm: above every row/ })).toBeVisible();
  await page.getByRole("button", { name: "A typical virginica" }).click();
  const nearest = section.getByRole("table", { name: "The nearest training rows" });
  await expect(nearest.getByRole("row").nth(1)).toContainText("virginica");
  await expectNoAxeFindings(page);
});

test("the request as it goes over both protocols, with the server's id and times", async ({
  page,
}) => {
  await open(page, `/predict/iris-forest?f=${ROW}&tab=request`);
  for (const [name, path] of [
    ["tRPC", "POST /trpc/iris.predict"],
    ["REST", "POST /iris/predict"],
  ] as const) {
    const made = page.getByRole("article", { name });
    await expect(made.getByRole("region", { name: `${name} request` })).toContainText(path);
    await expect(made.getByRole("region", { name: `${name} request` })).toContainText(
      "[6,2.7,5.1,1.6]",
    );
    const response = made.getByRole("region", { name: `${name} response` });
    await expect(response).toContainText(/^200/);
    await expect(response).toContainText("x-request-id: ");
    await expect(response).toContainText('"label": "versicolor"');
    for (const part of ["browser", "proxy", "queue", "inference"]) {
      await expect(made.getByRole("row", { name: new RegExp(`^${part} `) })).toContainText(/\d ms/);
    }
  }
  await expectNoAxeFindings(page);
});

test("every tab is reached by keyboard, and axe finds nothing on it", async ({ page }) => {
  await open(page, `/predict/iris-forest?f=${ROW}&with=iris-logistic,iris-mlp`);
  await page.getByRole("tab", { name: "Why" }).focus();
  for (const [tab, region] of [
    ["Decision boundary", "Decision boundary"],
    ["What if", "What if one feature changed"],
    ["Counterfactual", "Counterfactual"],
    ["Data", "Training data"],
    ["Request", "Request"],
    ["Code", "Call it yourself"],
  ] as const) {
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("tab", { name: tab })).toHaveAttribute("aria-selected", "true");
    await expect(page.getByRole("region", { name: region, exact: true })).toBeVisible();
  }
  await page.getByRole("tab", { name: "Decision boundary" }).click();
  await expect(page.getByRole("img", { name: /^Where the models disagree: \d/ })).toBeVisible();
  await expectNoAxeFindings(page);
  await page.getByRole("tab", { name: "What if" }).click();
  await expect(page.getByRole("img", { name: /^Probabilities along .*: setosa \d/ })).toHaveCount(
    4,
  );
  await expectNoAxeFindings(page);
});

test("a region drawn on the map shows the rows on which models differ, and which of them is right", async ({
  page,
  apiUrl,
}) => {
  await open(page, "/predict/iris-forest?with=iris-logistic&tab=boundary");
  const background = await page.request.get(`${apiUrl}/models/iris-forest/background`);
  const { rows, class: actual } = await background.json();
  const [forest, logistic] = await Promise.all(
    ["iris-forest", "iris-logistic"].map(async (model_name) => {
      const reply = await page.request.post(`${apiUrl}/predict-batch`, {
        data: { rows, model_name },
      });
      const { predictions } = await reply.json();
      return predictions.map((each: { class: number }) => each.class);
    }),
  );
  const differ = forest.filter((each: number, row: number) => each !== logistic[row]).length;
  const right = (of: readonly number[]) => of.filter((each, row) => each === actual[row]).length;
  const panel = page.getByRole("region", { name: "Rows on which the models disagree" });
  await expect(panel).toContainText(
    `All training rows: 150 rows, ${differ} with different predictions.`,
  );
  await expect(panel).toContainText(
    `Right: iris-forest ${right(forest)}, iris-logistic ${right(logistic)}.`,
  );
  const map = page.getByRole("img", { name: /^Where the models disagree/ });
  await map.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await map.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  // Clockwise around the upper right of the map, where no setosa is.
  const corners = [
    [0.5, 0.03],
    [0.97, 0.03],
    [0.97, 0.6],
    [0.5, 0.6],
  ] as const;
  const [first] = corners;
  await page.mouse.move(x + first[0] * width, y + first[1] * height);
  await page.mouse.down();
  for (const [across, down] of corners) {
    await page.mouse.move(x + across * width, y + down * height, { steps: 4 });
  }
  await page.mouse.up();
  await expect(panel).toContainText(/^In the region: \d+ rows?, \d+ with different predictions\./);
  await expect(page).not.toHaveURL(/f=/);
  await expect(panel.getByRole("table")).toBeVisible();
  await expectNoAxeFindings(page);
  await panel
    .getByRole("button", { name: /^Show row/ })
    .first()
    .click();
  await expect(page).toHaveURL(/f=/);
  await panel.getByRole("button", { name: "All rows" }).click();
  await expect(panel).toContainText("All training rows: 150 rows");
});
