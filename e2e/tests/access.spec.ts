import { expectNoAxeFindings } from "../support/axe.ts";
import { expect, open, test } from "../support/test.ts";

const VIEWS = [
  "/",
  "/predict/iris-forest",
  "/predict/iris-forest?f=12,2.7,5.1,1.6&with=iris-logistic,iris-mlp&v=9",
  "/predict/iris-forest?f=6,2.7,5.1,1.6&with=iris-mlp&tab=boundary",
  "/predict/rose-forest",
  "/predict/wine-forest",
  "/batch",
  "/live",
  "/lessons/1",
  "/lessons/7",
  "/load",
  "/load?run=overload",
  "/api-docs",
];

// 1280 pixels at 200 % are 640, and 320 is the narrowest view there is.
const NARROW = [320, 390, 640];

for (const view of VIEWS) {
  test(`${view} fits narrow windows, and axe finds nothing`, async ({ page }) => {
    for (const width of NARROW) {
      await page.setViewportSize({ width, height: 800 });
      if (width === NARROW[0]) await open(page, view);
      const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
      await expect.poll(wide, `at ${width} pixels`).toBeLessThanOrEqual(width);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await expectNoAxeFindings(page);
  });
}

test("axe finds nothing on a lesson's response", async ({ page }) => {
  await open(page, "/lessons/2");
  await page.getByRole("radio", { name: /^200/ }).check();
  await page.getByRole("button", { name: "Send request" }).click();
  await expect(page.getByText("you guessed 200")).toBeVisible();
  await expectNoAxeFindings(page);
});

test("with reduced motion nothing moves", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page, "/predict/iris-forest");
  const longest = await page.evaluate(() =>
    Math.max(
      ...[...document.querySelectorAll("*")].flatMap((element) => {
        const { transitionDuration, animationDuration } = getComputedStyle(element);
        return [transitionDuration, animationDuration].map((text) => Number.parseFloat(text));
      }),
    ),
  );
  expect(longest).toBeLessThanOrEqual(0.001);
});

test("the colours follow the system until one is chosen, and the choice stays", async ({
  page,
}) => {
  const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  await page.emulateMedia({ colorScheme: "dark" });
  await open(page, "/");
  expect(await scheme()).toBe("light dark");
  await page.getByRole("button", { name: "Colours: as the system. Change to light" }).click();
  expect(await scheme()).toBe("light");
  await page.reload();
  expect(await scheme()).toBe("light");
});
