import { expectNoAxeFindings } from "../support/axe.ts";
import { freePort, startApi, startWeb } from "../support/servers.ts";
import {
  predictionOf,
  expect,
  field,
  open,
  PREDICTED,
  SINGLE_PREDICTION,
  test,
} from "../support/test.ts";

function refusal(code: string, httpStatus: number, message: string) {
  return { error: { message, code: -32_001, data: { code, httpStatus, path: "predict" } } };
}

test("a server that dies and returns: banner, backoff, recovery without a reload", async ({
  page,
}) => {
  const port = await freePort();
  const apiUrl = `http://127.0.0.1:${port}`;
  const api = await startApi(port);
  await using web = await startWeb(await freePort(), apiUrl);
  // A model that the page does not evaluate itself.
  await open(page, `${web.url}/predict/iris-logistic`);
  await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
  await api.kill();
  const banner = page
    .getByRole("alert")
    .filter({ has: page.getByRole("button", { name: "Try now" }) });
  await expect(banner).toContainText("The inference server is not responding");
  await expect(predictionOf(page, "iris-logistic")).toContainText("setosa");
  await expect(page.getByText("Server: Down")).toBeVisible();
  await page.getByRole("button", { name: "A typical virginica" }).click();
  await expect(predictionOf(page, "iris-logistic")).toContainText("No response");
  await expectNoAxeFindings(page);
  await using again = await startApi(port);
  expect(again.url).toBe(apiUrl);
  await expect(banner).toBeHidden();
  await expect(predictionOf(page, "iris-logistic")).toContainText("virginica");
  expect(await page.evaluate(() => Reflect.get(globalThis, "sameDocument"))).toBe(true);
});

test("views that need the server appear once it responds", async ({ page }) => {
  const port = await freePort();
  await using web = await startWeb(await freePort(), `http://127.0.0.1:${port}`);
  for (const path of ["/predict/iris-forest", "/api-docs", "/"]) {
    await page.goto(`${web.url}${path}`);
    await expect(page.getByText(/as soon as the server responds/)).toBeVisible();
    await expectNoAxeFindings(page);
  }
  await using api = await startApi(port);
  expect(api.url).toContain(String(port));
  await expect(page.getByRole("link", { name: "iris-forest" })).toBeVisible();
});

test("a model that is not ready is said, with its reason", async ({ page }) => {
  const health = { status: "unavailable", model_loaded: false, reason: "the canary failed" };
  await page.route("**/api/health", (route) =>
    route.fulfill({ status: 503, json: { ...health, default_model: "iris-forest", models: {} } }),
  );
  await page.goto("/predict/iris-forest");
  const banner = page.getByRole("alert").filter({ hasText: "The model is not ready" });
  await expect(banner).toContainText("the canary failed");
  await page.unroute("**/api/health");
  await expect(banner).toBeHidden();
});

test("401 asks for a key, sends it, and keeps it out of address and storage", async ({ page }) => {
  await open(page, "/predict/iris-forest");
  const keys: (string | undefined)[] = [];
  await page.route(SINGLE_PREDICTION, async (route) => {
    const key = route.request().headers()["x-api-key"];
    keys.push(key);
    if (key === "sk-right") return await route.continue();
    return await route.fulfill({
      status: 401,
      headers: { "www-authenticate": "ApiKey" },
      json: refusal("UNAUTHORIZED", 401, "a key is needed"),
    });
  });
  await page.getByRole("button", { name: "A typical virginica" }).click();
  const dialog = page.getByRole("dialog", { name: "This server wants a key" });
  await expect(dialog).toBeVisible();
  await expectNoAxeFindings(page);
  await dialog.getByLabel("API key").fill("sk-right");
  await dialog.getByRole("button", { name: "Use this key" }).click();
  await expect(dialog).toBeHidden();
  await expect(predictionOf(page)).toContainText("virginica");
  expect(keys).toContain(undefined);
  expect(keys.at(-1)).toBe("sk-right");
  expect(page.url()).not.toContain("sk-right");
  const kept = await page.evaluate(() =>
    JSON.stringify([document.cookie, localStorage, sessionStorage]),
  );
  expect(kept).not.toContain("sk-right");
});

test("429 counts down to the moment another try makes sense", async ({ page }) => {
  await open(page, "/predict/iris-forest");
  let refused = false;
  await page.route(SINGLE_PREDICTION, async (route) => {
    if (refused) return await route.continue();
    refused = true;
    return await route.fulfill({
      status: 429,
      headers: { "retry-after": "2" },
      json: refusal("TOO_MANY_REQUESTS", 429, "5 requests a minute are allowed"),
    });
  });
  await field(page, "Petal length").fill("5.9");
  const note = predictionOf(page).getByRole("alert");
  await expect(note).toContainText("Too many requests");
  await expect(note.getByRole("button", { name: /^Try again in [12] s$/ })).toBeDisabled();
  await expectNoAxeFindings(page);
  const retry = note.getByRole("button", { name: "Try again", exact: true });
  await expect(retry).toBeEnabled();
  await retry.click();
  await expect(predictionOf(page)).toContainText(PREDICTED);
});
