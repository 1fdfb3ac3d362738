import { expect, test as base, type Page } from "@playwright/test";

interface Fixtures {
  /** URL of the API. */
  readonly apiUrl: string;
  /** Fails a test whose page asks another origin for anything, or whose policy had to stop something. */
  readonly ownOriginOnly: void;
}

/** Playwright's test, on the servers of this run. */
export const test = base.extend<Fixtures>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the pattern
  baseURL: async ({}, use) => {
    await use(process.env["SEPAL_WEB_URL"]);
  },
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the pattern
  apiUrl: async ({}, use) => {
    await use(process.env["SEPAL_API_URL"] ?? "");
  },
  ownOriginOnly: [
    async ({ context }, use) => {
      const faults: string[] = [];
      const hosts = new Set<string>();
      context.on("request", (request) => {
        const { protocol, host } = new URL(request.url());
        if (protocol.startsWith("http")) hosts.add(host);
      });
      context.on("console", (message) => {
        if (/content security policy|hydrat/i.test(message.text())) faults.push(message.text());
      });
      context.on("weberror", (error) => {
        const text = String(error.error());
        // A test that ends a server of its own may end it while a worker of the page is still loading.
        const own = !text.includes(process.env["SEPAL_WEB_URL"] ?? "");
        if (!(own && text.includes("'importScripts'"))) faults.push(text);
      });
      await use();
      expect(hosts.size, `asked ${[...hosts].join(", ")}`).toBeLessThanOrEqual(1);
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Address of a call that predicts one row. */
export const SINGLE_PREDICTION = /\/trpc\/[\w.]*predict$/;

/** The row of the table with a model's prediction. */
export function predictionOf(page: Page, model = "iris-forest") {
  const name = page.getByRole("rowheader", { name: model, exact: true });
  return page.getByRole("region", { name: "Result" }).getByRole("row").filter({ has: name });
}

/** What a prediction has and a failure has not. */
export const PREDICTED = /\d %/;

/** The number field of a feature. */
export function field(page: Page, label: string) {
  return page.getByRole("textbox", { name: label, exact: true });
}

/** Opens a view and waits until its controls respond. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole("button", { name: /^Colours/ })).toBeEnabled();
  await page.waitForLoadState("networkidle");
}
