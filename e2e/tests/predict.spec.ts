import { predictionOf, expect, field, open, test } from "../support/test.ts";

test("the prediction is in the page before any script runs", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${baseURL}/predict/iris-forest?f=6.9,3.1,5.4,2.1`);
  await expect(predictionOf(page)).toContainText("virginica");
  await context.close();
});

test("a prediction by keyboard alone", async ({ page }) => {
  await open(page, "/predict/iris-forest");
  await expect(predictionOf(page)).toContainText("setosa");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  const slider = page.getByRole("slider", { name: "Petal length, slider" });
  for (let presses = 0; presses < 30; presses += 1) {
    await page.keyboard.press("Tab");
    if (await slider.evaluate((element) => element === document.activeElement)) break;
  }
  await expect(slider).toBeFocused();
  await page.keyboard.press("End");
  await expect(field(page, "Petal length")).toHaveValue("8.4");
  await page.keyboard.press("Tab");
  await expect(field(page, "Petal width")).toBeFocused();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("2.3");
  await expect(predictionOf(page)).toContainText("virginica");
  await expect(page.getByRole("region", { name: "Result" }).getByRole("status")).toHaveText(
    /^virginica, /,
  );
  await expect(page).toHaveURL(/f=5\.1,3\.5,8\.4,2\.3/);
});

test("a shared link restores the whole state", async ({ page, browser, baseURL }) => {
  await open(page, "/predict/iris-forest");
  await page.getByRole("button", { name: "Between versicolor and virginica" }).click();
  await page.getByRole("checkbox", { name: "iris-mlp" }).check();
  await page.getByRole("tab", { name: "Code" }).click();
  await page.getByRole("tab", { name: "Python" }).click();
  await expect(page).toHaveURL(/code=python/);
  await page.getByRole("tab", { name: "Decision boundary" }).click();
  await page.getByLabel("Across").selectOption("Sepal length");
  await page.getByLabel("Shown").selectOption("iris-mlp");
  await expect(page).toHaveURL(/of=iris-mlp/);
  await page.getByLabel("Version").selectOption("1");
  await expect(page).toHaveURL(/v=1/);
  const shown = await predictionOf(page, "iris-mlp").innerText();

  const other = await browser.newContext();
  const copy = await other.newPage();
  await copy.goto(page.url());
  await expect(field(copy, "Petal length")).toHaveValue("5.1");
  await expect(copy.getByLabel("Across")).toHaveValue("sepal_length");
  await expect(copy.getByLabel("Shown")).toHaveValue("iris-mlp");
  await expect(copy.getByRole("img", { name: /^iris-mlp: Petal width over/ })).toBeVisible();
  expect(await predictionOf(copy, "iris-mlp").innerText()).toBe(shown);
  await copy.getByRole("tab", { name: "Code" }).click();
  await expect(copy.getByRole("tab", { name: "Python" })).toHaveAttribute("aria-selected", "true");
  expect(copy.url().startsWith(`${baseURL}/predict/iris-forest?`)).toBe(true);
  await other.close();
});

test("values of the address that make no sense give a notice and the usual view", async ({
  page,
}) => {
  await open(
    page,
    "/predict/iris-forest?f=1,2,x&v=99&with=rose&x=stem&code=cobol&tab=smell&to=tulip&of=rose",
  );
  const notices = page.getByRole("list", { name: "Notices" });
  await expect(notices.getByRole("listitem")).toHaveCount(8);
  await expect(notices).toContainText("“f=1,2,x” in the address is not 4 numbers");
  await expect(predictionOf(page)).toContainText("setosa");
});

test("the name of a contract opens a model of it", async ({ page }) => {
  await open(page, "/predict/wine");
  await expect(predictionOf(page, "wine-forest")).toContainText("barolo");
});

test("a model that does not exist is a 404 with those that do", async ({ page }) => {
  const response = await page.goto("/predict/rose-forest");
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("No such model here");
  await expect(page.getByRole("link", { name: /^iris-mlp/ })).toBeVisible();
});

test("a value outside the training range is warned of, one the contract rejects is not sent", async ({
  page,
}) => {
  await open(page, "/predict/iris-forest");
  await field(page, "Sepal length").fill("12");
  await expect(field(page, "Sepal length")).toHaveAccessibleDescription(
    /Outside the training range/,
  );
  await expect(page).toHaveURL(/f=12,/);
  await field(page, "Sepal length").fill("-1");
  await expect(field(page, "Sepal length")).toHaveAccessibleDescription(
    /Enter a number above 0\.$/,
  );
  await expect(page).toHaveURL(/f=12,/);
});

test("three models in one table, their agreement in words, and a map of where they disagree", async ({
  page,
}) => {
  await open(page, "/predict/iris-forest?f=6,2.7,5.1,1.6&with=iris-logistic,iris-mlp&tab=boundary");
  await expect(page.getByRole("region", { name: "Result" })).toContainText(
    "2 of 3 models predict virginica; iris-forest predicts versicolor.",
  );
  await expect(predictionOf(page)).toContainText("versicolor");
  await expect(predictionOf(page, "iris-mlp")).toContainText("virginica");
  await expect(
    page.getByRole("img", { name: /^Where the models disagree: \d+\.\d % of the map/ }),
  ).toBeVisible();
  await page.getByLabel("Shown").selectOption("iris-logistic");
  await expect(page.getByRole("img", { name: /^iris-logistic: .*virginica \d/ })).toBeVisible();
});

test("a click on the map moves the point", async ({ page }) => {
  await open(page, "/predict/iris-forest?tab=boundary");
  const map = page.getByRole("img", { name: /^Petal width over petal length/ });
  await map.scrollIntoViewIfNeeded();
  const box = await map.boundingBox();
  if (box === null) throw new Error("the map has no place");
  await page.mouse.click(box.x + box.width * 0.85, box.y + box.height * 0.2);
  await expect(field(page, "Petal length")).not.toHaveValue("1.4");
  await expect(page.getByRole("region", { name: "Result" }).getByRole("status")).toHaveText(
    /^virginica/,
  );
});

test("inputs, predictions and the view of them fit one screen of 1280 by 800", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await open(page, "/predict/iris-forest?f=6,2.7,5.1,1.6&with=iris-logistic,iris-mlp");
  const end = async (name: string) => {
    const box = await page.getByRole("region", { name }).boundingBox();
    return (box?.y ?? 0) + (box?.height ?? Infinity);
  };
  await expect(page.getByRole("list", { name: /^Contributions to/ })).toHaveCount(3);
  for (const name of ["Input", "Result", "Feature contributions"]) {
    expect(await end(name), name).toBeLessThan(800);
  }
});

test("each choice is a step of the history, a slider's way is not", async ({ page }) => {
  await open(page, "/predict/iris-forest");
  await page.getByRole("button", { name: "A typical virginica" }).click();
  await expect(page).toHaveURL(/f=6\.9,/);
  await page.getByRole("tab", { name: "Data" }).click();
  await expect(page).toHaveURL(/tab=data/);
  await page.getByRole("slider", { name: "Petal length, slider" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(page).toHaveURL(/f=6\.9,3\.1,5\.6,/);
  await page.goBack();
  await expect(page).not.toHaveURL(/tab=/);
  await expect(page.getByRole("tab", { name: "Why" })).toHaveAttribute("aria-selected", "true");
  await page.goBack();
  await expect(field(page, "Petal length")).toHaveValue("1.4");
  await expect(predictionOf(page)).toContainText("setosa");
});
