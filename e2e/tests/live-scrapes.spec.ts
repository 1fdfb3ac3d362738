import { expectNoAxeFindings } from "../support/axe.ts";
import { referencePercentiles } from "../support/bucket-reference.ts";
import { figure, LIVE, milliseconds, numbersOf } from "../support/live-page.ts";
import { recordedScrape, startReplay } from "../support/replay.ts";
import { freePort, startApi, startWeb } from "../support/servers.ts";
import { expect, open, test } from "../support/test.ts";

test("percentiles of recorded scrapes equal the reference, and a restart is said", async ({
  page,
}) => {
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

test("one scrape a second serves every viewer, and none is made without viewers", async ({
  page,
  context,
}) => {
  await using replay = await startReplay(await recordedScrape("before"));
  await using web = await startWeb(await freePort(), replay.url);
  const second = await context.newPage();
  await Promise.all([page.goto(`${web.url}/live`), second.goto(`${web.url}/live`)]);
  await expect(page.getByText(LIVE)).toBeVisible();
  await expect(second.getByText(LIVE)).toBeVisible();
  const from = replay.scrapedAt.length;
  await expect.poll(() => replay.scrapedAt.length).toBeGreaterThan(from + 6);
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
      { intervals: [2500] },
    )
    .toBe(true);
});

test("a server that dies and returns leaves a gap and no reload", async ({ page }) => {
  const port = await freePort();
  const api = await startApi(port);
  await using web = await startWeb(await freePort(), api.url);
  await open(page, `${web.url}/live`);
  await expect(page.getByText(LIVE)).toBeVisible();
  await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
  await api.kill();
  await expect(
    page.getByRole("status").filter({ hasText: "The server is not responding." }),
  ).toBeVisible();
  await expectNoAxeFindings(page);
  await using again = await startApi(port);
  expect(again.url).toBe(api.url);
  await expect(page.getByText(LIVE)).toBeVisible();
  await page.getByRole("button", { name: "Send load" }).click();
  await expect(figure(page, "p50")).toContainText("between");
  expect(await page.evaluate(() => Reflect.get(globalThis, "sameDocument"))).toBe(true);
});
