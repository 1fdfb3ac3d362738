import { expect, test, type Page } from "@playwright/test";
import { startExamplePage } from "../support/example-page.ts";
import { freePort, startApi, type RunningServer } from "../support/servers.ts";

test.describe.configure({ mode: "serial" });

let api: RunningServer;
let page: RunningServer;
test.beforeAll(async () => {
  const [apiPort, pagePort] = [await freePort(), await freePort()];
  page = await startExamplePage(pagePort, `http://127.0.0.1:${apiPort}`);
  api = await startApi(apiPort, { CORS_ORIGINS: page.url });
});
test.afterAll(async () => {
  await page?.kill();
  await api?.kill();
});

async function predict(tab: Page): Promise<void> {
  await tab.goto(page.url);
  await tab.getByRole("button", { name: "Predict", exact: true }).click();
}

test("the React example predicts from an origin of its own, one row and many", async ({
  page: tab,
}) => {
  await predict(tab);
  await expect(tab.getByRole("status")).toHaveText("versicolor, 66 %, by iris-forest");
  await tab.getByRole("button", { name: "Predict three" }).click();
  await expect(tab.getByRole("listitem")).toHaveText([
    "5.1, 3.5, 1.4, 0.2: setosa",
    "6, 2.9, 4.5, 1.5: versicolor",
    "6.9, 3.1, 5.4, 2.1: virginica",
  ]);
});

test("it puts the server's words beside the field that broke a rule", async ({ page: tab }) => {
  await tab.goto(page.url);
  const field = tab.getByLabel("Petal length (cm)");
  await field.fill("-1");
  await tab.getByRole("button", { name: "Predict", exact: true }).click();
  await expect(field).toHaveAccessibleDescription("Input should be greater than 0");
  await expect(tab.getByLabel("Sepal width (cm)")).toHaveAccessibleDescription("");
  await expect(tab.getByRole("status")).toHaveCount(0);
});

test("retries an overloaded server by itself", async ({ page: tab }) => {
  let refused = 0;
  await tab.route("**/trpc/predict", async (route) => {
    if (route.request().method() === "OPTIONS" || refused > 0) return route.fallback();
    refused += 1;
    const headers = {
      "access-control-allow-origin": page.url,
      "access-control-expose-headers": "retry-after",
      "retry-after": "0",
    };
    return route.fulfill({ status: 503, headers, json: { detail: "the queue is full" } });
  });
  await predict(tab);
  await expect(tab.getByRole("status")).toHaveText("versicolor, 66 %, by iris-forest");
  expect(refused).toBe(1);
});

test("shows when the server is down, and offers a retry", async ({ page: tab }) => {
  await tab.route("**/trpc/predict", (route) => route.abort("connectionrefused"), { times: 1 });
  await predict(tab);
  await expect(tab.getByRole("alert")).toContainText("The server cannot be reached");
  await tab.getByRole("button", { name: "Try again" }).click();
  await expect(tab.getByRole("status")).toHaveText("versicolor, 66 %, by iris-forest");
  await expect(tab.getByRole("alert")).toHaveCount(0);
});
