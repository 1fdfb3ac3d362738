import { expect, open, test } from "../support/test.ts";

interface Course {
  readonly number: number;
  readonly guess: RegExp;
  readonly status: string;
  /** What the answer points at in the text that was sent; null when it points nowhere. */
  readonly marked: string | null;
  readonly mended: string;
}

const GOOD = '{"features": [5.1, 3.5, 1.4, 0.2]}';
const COURSES: readonly Course[] = [
  { number: 1, guess: /^422/, status: "422", marked: "[5.1, 3.5, 1.4]", mended: GOOD },
  { number: 2, guess: /^422/, status: "422", marked: "-5.1", mended: GOOD },
  { number: 3, guess: /^422/, status: "422", marked: '"5.1"', mended: GOOD },
  { number: 4, guess: /^400/, status: "400", marked: "NaN", mended: GOOD },
  { number: 5, guess: /^400/, status: "400", marked: "]", mended: GOOD },
  { number: 6, guess: /^404/, status: "404", marked: null, mended: GOOD },
];

for (const { number, guess, status, marked, mended } of COURSES) {
  test(`lesson ${number}: guess, send, see, mend`, async ({ page }) => {
    await open(page, `/lessons/${number}`);
    await page.getByRole("radio", { name: guess }).check();
    await page.getByRole("button", { name: "Send request" }).click();
    await expect(page.getByText("as you guessed")).toHaveText("as you guessed");
    await expect(page.getByRole("alert").filter({ hasText: "as you guessed" })).toContainText(
      status,
    );
    if (marked !== null) {
      const sent = page.getByRole("region", { name: "Request body, with the fault marked" });
      await expect(sent.locator("mark")).toHaveText(marked);
    }
    await expect(page.getByRole("region", { name: "Response in FastAPI format" })).toContainText(
      "request_id",
    );
    await page.getByRole("tab", { name: "RFC 9457" }).click();
    await expect(page.getByText(`${status} · application/problem+json`)).toBeVisible();
    await page.getByRole("tab", { name: "tRPC" }).click();
    await expect(page.getByRole("region", { name: "Response in tRPC format" })).toContainText(
      `"httpStatus": ${status}`,
    );
    await page.getByRole("textbox", { name: /^Body of/ }).fill(mended);
    await page.getByRole("button", { name: "Send again" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "Fixed" })).toBeVisible();
    await expect(page.getByText("1 of 7 solved")).toBeVisible();
    await page.getByRole("link", { name: "Next lesson" }).click();
    await expect(page).toHaveURL(new RegExp(`/lessons/${number + 1}$`));
  });
}

test("lesson 7: 18 MB are rejected before they are read, fewer rows are not", async ({ page }) => {
  await open(page, "/lessons/7");
  await page.getByRole("radio", { name: /^200/ }).check();
  await page.getByRole("button", { name: "Send request" }).click();
  await expect(page.getByText("you guessed 200")).toBeVisible();
  await expect(page.getByRole("alert").filter({ hasText: "you guessed 200" })).toContainText("413");
  await page.getByRole("spinbutton", { name: "Rows to send" }).fill("1000");
  await page.getByRole("button", { name: "Send again" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "Fixed" })).toBeVisible();
});

test("a lesson that does not exist says so", async ({ page }) => {
  const response = await page.goto("/lessons/8");
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Page not found");
});
