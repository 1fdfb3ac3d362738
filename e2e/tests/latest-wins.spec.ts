import type { Page, Route } from "@playwright/test";
import { predictionOf, expect, field, open, SINGLE_PREDICTION, test } from "../support/test.ts";

/** Holds predictions back: `held` grows with each request, `release` lets one through. */
async function holdPredictions(page: Page) {
  const held: Route[] = [];
  await page.route(SINGLE_PREDICTION, (route) => {
    held.push(route);
  });
  return held;
}

function features(route: Route | undefined): number[] {
  return route?.request().postDataJSON().features;
}

test("a drag of 200 steps makes one request at a time, and the last value wins", async ({
  page,
  apiUrl,
}) => {
  // Two hundred moves of a mouse, each drawn, on a machine that may be busy.
  await open(page, "/predict/iris-forest");
  const sent: number[][] = [];
  let underWay = 0;
  let most = 0;
  await page.route(SINGLE_PREDICTION, async (route) => {
    sent.push(features(route));
    underWay += 1;
    most = Math.max(most, underWay);
    const response = await route.fetch();
    underWay -= 1;
    await route.fulfill({ response });
  });
  const thumb = page.getByRole("slider", { name: "Petal length, slider" });
  const box = await thumb.locator("..").boundingBox();
  if (box === null) throw new Error("the slider has no place");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 240, y, { steps: 200 });
  await page.mouse.up();
  const last = Number(await field(page, "Petal length").inputValue());
  expect(last).toBeGreaterThan(4);
  await expect.poll(() => sent.at(-1)?.[2]).toBe(last);
  const direct = await page.request.post(`${apiUrl}/predict`, {
    data: { features: sent.at(-1) },
  });
  const { label, confidence } = await direct.json();
  const result = page.getByRole("region", { name: "Result" }).getByRole("status");
  await expect(result).toHaveText(`${label}, ${(confidence * 100).toFixed(1)} %`);
  expect(most).toBe(1);
  expect(sent.length).toBeLessThanOrEqual(200);
  // The page shows its own prediction, perhaps before the last response.
  await page.unrouteAll({ behavior: "wait" });
});

test("a response that arrives after a later one is dropped", async ({ page }) => {
  await open(page, "/predict/iris-forest");
  const held = await holdPredictions(page);
  await field(page, "Petal length").fill("5.9");
  await expect.poll(() => held.length).toBe(1);
  // Another input: the first response is stale.
  await page.getByLabel("Version").selectOption("1");
  await expect(page).toHaveURL(/v=1/);
  await page.getByRole("button", { name: "A typical versicolor" }).click();
  await expect.poll(() => held.length).toBeGreaterThanOrEqual(2);
  const later = held.slice(1);
  for (const route of later) await route.continue();
  const result = page.getByRole("region", { name: "Result" }).getByRole("status");
  await expect
    .poll(async () => {
      for (const route of held.slice(1 + later.length)) await route.continue().catch(() => {});
      return await result.textContent();
    })
    .toMatch(/^versicolor/);
  await held[0]
    ?.fulfill({ json: { result: { data: { label: "stale", class: 0, proba: [1, 0, 0] } } } })
    .catch(() => {});
  await expect(predictionOf(page)).toContainText("versicolor");
  await expect(predictionOf(page)).not.toContainText("stale");
});
