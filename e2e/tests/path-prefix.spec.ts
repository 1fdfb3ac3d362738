import { downloadBytes, giveFile, HEADER, predict } from "../support/batch-page.ts";
import { PREFIX, startPrefixProxy } from "../../apps/api/test/support/prefix-proxy.ts";
import { freePort, startWeb } from "../support/servers.ts";
import { predictionOf, expect, open, test } from "../support/test.ts";

for (const [how, strips, settings] of [
  ["strips its path and names it", true, { WEB_TRUST_PROXY: "loopback" }],
  ["leaves its path, which a setting names", false, { PATH_PREFIX: PREFIX }],
  ["strips its path, which a setting names", true, { PATH_PREFIX: PREFIX }],
] as const) {
  test(`pages, links, files and calls stay below the path of a proxy that ${how}`, async ({
    page,
    apiUrl,
  }) => {
    await using web = await startWeb(await freePort(), apiUrl, settings);
    await using proxy = await startPrefixProxy(web.url, strips);
    const outside: string[] = [];
    const failed: string[] = [];
    page.context().on("response", (response) => {
      const { pathname } = new URL(response.url());
      if (!pathname.startsWith(`${PREFIX}/`)) outside.push(pathname);
      if (response.status() >= 400) failed.push(`${response.status()} ${pathname}`);
    });

    await open(page, `${proxy.url}${PREFIX}/`);
    await page.getByRole("navigation").getByRole("link", { name: "Batch" }).click();
    await expect(page).toHaveURL(`${proxy.url}${PREFIX}/batch`);
    const text = `id;${HEADER.replaceAll(",", ";")}\r\n=1;5,1;3,5;1,4;0,2\r\n`;
    await giveFile(page, "table.csv", text);
    await predict(page);
    await expect(page.getByText(/^1 row predicted/)).toBeVisible();
    const download = await downloadBytes(page, "Download predictions");
    expect(download.toString("latin1")).toContain("=1;5,1;3,5;1,4;0,2;0;setosa;1;1;0;0;\r\n");

    const fetched = page.waitForResponse((response) => response.url().endsWith("/contracts/wine"));
    await page.getByLabel("Model", { exact: true }).selectOption("wine-forest");
    expect((await fetched).url()).toBe(`${proxy.url}${PREFIX}/contracts/wine`);

    await page.getByRole("navigation").getByRole("link", { name: "Predict" }).click();
    await expect(page).toHaveURL(`${proxy.url}${PREFIX}/predict/iris-forest`);
    await expect(predictionOf(page)).toContainText("setosa");
    await page.reload();
    await expect(predictionOf(page)).toContainText("setosa");
    await page.getByRole("navigation").getByRole("link", { name: "Live" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Live" })).toBeVisible();
    await page.goBack();
    await expect(page).toHaveURL(new RegExp(`${PREFIX}/predict/iris-forest`));
    await page.getByRole("banner").getByRole("link", { name: /sepal/i }).first().click();
    await expect(page).toHaveURL(`${proxy.url}${PREFIX}/`);
    await page.waitForLoadState("networkidle");
    await page.goto(`${proxy.url}${PREFIX}/api/docs`);
    await expect(page.getByText("/predict-file").first()).toBeVisible();
    expect(outside).toEqual([]);
    expect(failed).toEqual([]);
  });
}

test("the prefix of an untrusted proxy is ignored", async ({ baseURL, request }) => {
  const headers = { "x-forwarded-prefix": "/evil" };
  const page = await (await request.get(`${baseURL}/`, { headers })).text();
  expect(page).toContain('href="/batch"');
  expect(page).not.toContain("/evil");
});
