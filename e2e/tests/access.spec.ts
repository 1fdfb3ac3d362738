import { expectNoAxeFindings } from "../support/axe.ts";
import { expect, open, test } from "../support/test.ts";

const VIEWS = [
  "/",
  "/predict/iris-forest",
  "/predict/iris-forest?f=12,2.7,5.1,1.6&with=iris-logistic,iris-mlp&v=9",
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

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme} colours`, () => {
    test.use({ colorScheme });
    for (const view of VIEWS) {
      test(`axe finds nothing on ${view}`, async ({ page }) => {
        await open(page, view);
        await expectNoAxeFindings(page);
      });
    }

    test("axe finds nothing on a lesson's answer", async ({ page }) => {
      await open(page, "/lessons/2");
      await page.getByRole("radio", { name: /^200/ }).check();
      await page.getByRole("button", { name: "Send it" }).click();
      await expect(page.getByText("you guessed 200")).toBeVisible();
      await expectNoAxeFindings(page);
    });
  });
}

// 1280 pixels at 200 % are 640, and 320 is the narrowest view there is.
for (const width of [640, 390, 320]) {
  test(`no view is wider than a window of ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    for (const view of VIEWS) {
      await open(page, view);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, view).toBeLessThanOrEqual(width);
    }
  });
}

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
