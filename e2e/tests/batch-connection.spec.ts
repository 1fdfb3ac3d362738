import {
  downloadLines,
  expectEveryRowOnce,
  giveFile,
  holdChunks,
  irisTable,
  predict,
} from "../support/batch-page.ts";
import { freePort, startApi, startWeb } from "../support/servers.ts";
import { expect, open, test } from "../support/test.ts";

test("a lost connection is waited out, and every row is recorded once", async ({ page }) => {
  const port = await freePort();
  const api = await startApi(port);
  await using web = await startWeb(await freePort(), api.url);
  await open(page, `${web.url}/batch`);
  const { held, release } = await holdChunks(page, 4);
  await giveFile(page, "irises.csv", irisTable(30_000));
  await predict(page);
  await held;
  await api.kill();
  release();
  await expect(page.getByText("The connection to the server is lost.")).toBeVisible();
  await expect(page.getByText("The inference server is not responding.")).toBeVisible();
  await using again = await startApi(port);
  expect(again.url).toBe(api.url);
  await expect(page.getByText(/^30,000 rows predicted/)).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText("The connection to the server is lost.")).toBeHidden();
  expectEveryRowOnce(await downloadLines(page, "Download predictions"), 30_000);
});
