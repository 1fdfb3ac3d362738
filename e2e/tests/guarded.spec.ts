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

const READER_KEY = "a-readers-own-key-0123456789";
const WEB_KEY = "the-playgrounds-key-0123456789";
const ROW = { features: [5.1, 3.5, 1.4, 0.2] };

/** A call of one prediction as any program would make it. */
function predict(url: string, key?: string): Promise<Response> {
  return fetch(`${url}/trpc/predict`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(key !== undefined && { "x-api-key": key }) },
    body: JSON.stringify(ROW),
  });
}

test("an API with keys: the page loads, predictions need the reader's key", async ({ page }) => {
  const keys = { API_KEYS: `reader:${READER_KEY},web:${WEB_KEY}` };
  await using api = await startApi(await freePort(), keys);
  await using web = await startWeb(await freePort(), api.url, { WEB_API_KEY: WEB_KEY });
  const sent: (string | undefined)[] = [];
  page.on("request", (request) => {
    if (SINGLE_PREDICTION.test(request.url())) sent.push(request.headers()["x-api-key"]);
  });
  await page.goto(`${web.url}/predict/iris-forest`);
  const dialog = page.getByRole("dialog", { name: "This server wants a key" });
  await expect(dialog).toBeVisible();
  expect(await page.content()).not.toContain("% confident");
  // The playground's own key stays on its server, and its forwarding never uses it.
  expect(await page.content()).not.toContain(WEB_KEY);
  expect((await predict(web.url)).status).toBe(401);
  expect((await predict(web.url, READER_KEY)).status).toBe(200);

  await dialog.getByLabel("API key").fill("nobody-has-this-key");
  await dialog.getByRole("button", { name: "Use this key" }).click();
  await expect.poll(() => sent).toContain("nobody-has-this-key");
  await expect(dialog).toBeVisible();
  await dialog.getByLabel("API key").fill(READER_KEY);
  await dialog.getByRole("button", { name: "Use this key" }).click();
  await expect(predictionOf(page)).toContainText(PREDICTED);
  await expect(dialog).toBeHidden();
  expect(sent.at(-1)).toBe(READER_KEY);
  // The model itself comes with the reader's key as well.
  await expect(page.getByRole("region", { name: "Result" })).toContainText("the same bits");
  expect(page.url()).not.toContain(READER_KEY);
  const kept = await page.evaluate(() =>
    JSON.stringify([document.cookie, localStorage, sessionStorage]),
  );
  expect(kept).not.toContain(READER_KEY);
});

test("an API with a quota: the page says how long to wait, and goes on", async ({ page }) => {
  await using api = await startApi(await freePort(), { RATE_LIMIT: "60/minute" });
  await using web = await startWeb(await freePort(), api.url);
  await open(page, `${web.url}/predict/iris-forest`);
  let refused = 0;
  // Others take what is there, a call a second, until the page is refused.
  const others = setInterval(() => {
    void predict(api.url).then(({ status }) => (refused += status === 429 ? 1 : 0));
  }, 10);
  await expect.poll(() => refused).toBeGreaterThan(0);
  const note = predictionOf(page).getByRole("alert");
  await expect(async () => {
    await field(page, "Petal length").fill("5.9");
    await field(page, "Petal length").fill("5.8");
    await expect(note).toContainText("Too many requests", { timeout: 1000 });
  }).toPass();
  clearInterval(others);
  const retry = note.getByRole("button", { name: "Try again", exact: true });
  await expect(async () => {
    if (await retry.isVisible()) await retry.click();
    await expect(predictionOf(page)).toContainText(PREDICTED, { timeout: 1500 });
  }).toPass();
});
