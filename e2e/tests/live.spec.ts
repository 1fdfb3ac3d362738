import type { Page } from "@playwright/test";
import { expectNoAxeFindings } from "../support/axe.ts";
import { referencePercentiles } from "../support/bucket-reference.ts";
import { recordedScrape, startReplay } from "../support/replay.ts";
import { freePort, startApi, startWeb } from "../support/servers.ts";
import { expect, open, test } from "../support/test.ts";

const LIVE = "Live, a point a second.";

/** The value under a name among the figures. */
function figure(page: Page, name: string) {
  return page.getByRole("definition").filter({
    has: page.locator(`xpath=preceding-sibling::dt[normalize-space()="${name}"]`),
  });
}

/** Milliseconds of a figure such as `2.1 ms`. */
async function milliseconds(page: Page, name: string): Promise<number> {
  const [, value, unit] =
    /([\d.]+) (µs|ms|s)/.exec((await figure(page, name).textContent()) ?? "") ?? [];
  return Number(value) * (unit === "s" ? 1000 : unit === "ms" ? 1 : 0.001);
}

/** Numbers of one chart's table, without the times. */
async function numbersOf(page: Page, chart: string): Promise<number[]> {
  await page.getByRole("button", { name: `${chart} as a table` }).click();
  const cells = page.getByRole("table", { name: chart }).getByRole("cell");
  await expect(cells.first()).toBeVisible();
  const texts = await cells.allTextContents();
  await page.getByRole("button", { name: `${chart} as a table` }).click();
  return texts.map((text) => Number.parseFloat(text)).filter((value) => !Number.isNaN(value));
}

test("percentiles of recorded scrapes equal the reference, and a restart is said", async ({
  page,
}) => {
  test.setTimeout(60_000);
  const [before, after, restarted] = await Promise.all(
    (["before", "after", "restarted"] as const).map(recordedScrape),
  );
  if (before === undefined || after === undefined || restarted === undefined) throw new Error();
  await using replay = await startReplay(before);
  await using web = await startWeb(await freePort(), replay.url);
  await page.goto(`${web.url}/live`);
  await expect(page.getByText(LIVE)).toBeVisible();
  await expect(figure(page, "p99")).toContainText("no requests");
  replay.show(after);
  await expect(figure(page, "p99")).toContainText("between");
  const reference = referencePercentiles(before, after);
  for (const percent of [50, 95, 99]) {
    const shown = await milliseconds(page, `p${percent}`);
    // Figures are shown with two digits.
    expect(shown / (reference(percent) * 1000)).toBeCloseTo(1, 1);
  }
  await expect(figure(page, "Errors")).toContainText("2");
  expect(Math.max(...(await numbersOf(page, "Single predictions")))).toBeGreaterThan(60);
  replay.show(restarted);
  // The two predictions of the new process are added; nothing is taken away.
  await expect
    .poll(async () => {
      await page.getByRole("button", { name: "Every response as a table" }).click();
      const cells = page.getByRole("table", { name: "Requests by bucket" }).getByRole("cell");
      const texts = await cells.allTextContents();
      await page.getByRole("button", { name: "Every response as a table" }).click();
      return texts
        .filter((_, index) => index % 2 === 0)
        .reduce((sum, text) => sum + Number(text), 0);
    })
    .toBe(204);
});

test("one scrape a second serves every viewer, and none is made when nobody looks", async ({
  page,
  context,
}) => {
  test.setTimeout(60_000);
  await using replay = await startReplay(await recordedScrape("before"));
  await using web = await startWeb(await freePort(), replay.url);
  const second = await context.newPage();
  await Promise.all([page.goto(`${web.url}/live`), second.goto(`${web.url}/live`)]);
  await expect(page.getByText(LIVE)).toBeVisible();
  await expect(second.getByText(LIVE)).toBeVisible();
  const from = replay.scrapedAt.length;
  await expect.poll(() => replay.scrapedAt.length, { timeout: 20_000 }).toBeGreaterThan(from + 6);
  const gaps = replay.scrapedAt
    .slice(from)
    .map((at, index) => at - (replay.scrapedAt[from + index - 1] ?? 0));
  expect(Math.min(...gaps.slice(1))).toBeGreaterThan(900);
  await Promise.all([page.goto("about:blank"), second.goto("about:blank")]);
  let known = -1;
  await expect
    .poll(
      () => {
        const rests = known === replay.scrapedAt.length;
        known = replay.scrapedAt.length;
        return rests;
      },
      { timeout: 20_000, intervals: [2500] },
    )
    .toBe(true);
});

test("a burst of real predictions moves the charts and ends", async ({ page, apiUrl }) => {
  test.setTimeout(60_000);
  await open(page, "/live");
  await expect(page.getByText(LIVE)).toBeVisible();
  const rows = async () => {
    const text = await (await page.request.get(`${apiUrl}/metrics`)).text();
    const lines = text.matchAll(/^inference_rows_total\{.*lane="single".*\} (\d+)$/gm);
    return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
  };
  const before = await rows();
  await page.getByRole("button", { name: "Send 300 predictions" }).click();
  await expect(page.getByText("300 predictions answered.")).toBeVisible({ timeout: 30_000 });
  expect(await rows()).toBeGreaterThanOrEqual(before + 300);
  await expect(figure(page, "p99")).toContainText("between");
  await expect
    .poll(async () => Math.max(...(await numbersOf(page, "Single predictions"))))
    .toBeGreaterThan(5);
  expect(Math.max(...(await numbersOf(page, "Rows")))).toBeGreaterThan(15);
});

test("a hidden tab asks for nothing, and follows again when it is seen", async ({
  page,
  context,
}) => {
  const seen = await context.newPage();
  await open(seen, "/live");
  await open(page, "/live");
  await expect(page.getByText(LIVE)).toBeVisible();
  const asked = { hidden: 0, seen: 0 };
  const isTick = (url: string) => url.includes("/metrics/ticks");
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  page.on("request", (request) => {
    if (isTick(request.url())) asked.hidden += 1;
  });
  seen.on("request", (request) => {
    if (isTick(request.url())) asked.seen += 1;
  });
  await expect.poll(() => asked.seen, { timeout: 15_000 }).toBeGreaterThan(3);
  expect(asked.hidden).toBe(0);
  await page.evaluate(() => {
    Reflect.deleteProperty(document, "visibilityState");
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await expect.poll(() => asked.hidden).toBeGreaterThan(0);
});

test("a server that dies and returns leaves a gap and no reload", async ({ page }) => {
  test.setTimeout(90_000);
  const port = await freePort();
  const api = await startApi(port);
  await using web = await startWeb(await freePort(), api.url);
  await open(page, `${web.url}/live`);
  await expect(page.getByText(LIVE)).toBeVisible();
  await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
  await api.kill();
  await expect(
    page.getByRole("status").filter({ hasText: "The server does not answer." }),
  ).toBeVisible();
  await expectNoAxeFindings(page);
  await using again = await startApi(port);
  expect(again.url).toBe(api.url);
  await expect(page.getByText(LIVE)).toBeVisible();
  await page.getByRole("button", { name: "Send 300 predictions" }).click();
  await expect(figure(page, "p50")).toContainText("between");
  expect(await page.evaluate(() => Reflect.get(globalThis, "sameDocument"))).toBe(true);
});

test("the view pauses, and its choices are in the address", async ({ page }) => {
  await open(page, "/live?window=5&requests=all");
  await expect(page.getByRole("button", { name: "5 min", exact: true })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await expect(figure(page, "Errors")).toContainText("in 5 minutes");
  await page.getByRole("button", { name: "15 min" }).click();
  await expect(page).toHaveURL(/window=15/);
  await expect(page.getByText(LIVE)).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText(/^Paused at/)).toBeVisible();
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByText(LIVE)).toBeVisible();
  await open(page, "/live?window=7&requests=some");
  await expect(page.getByRole("list", { name: "Notices" }).getByRole("listitem")).toHaveCount(2);
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme} colours`, () => {
    test.use({ colorScheme });

    test("axe finds nothing on charts and on their tables", async ({ page }) => {
      test.setTimeout(90_000);
      await open(page, "/live");
      await page.getByRole("button", { name: "Send 300 predictions" }).click();
      await expect(figure(page, "p99")).toContainText("between");
      await expectNoAxeFindings(page);
      for (const button of await page.getByRole("button", { name: / as a table$/ }).all()) {
        await button.click();
      }
      await expect(page.getByRole("table")).toHaveCount(7);
      await expectNoAxeFindings(page);
    });
  });
}
