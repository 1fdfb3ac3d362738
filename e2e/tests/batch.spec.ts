import { expectNoAxeFindings } from "../support/axe.ts";
import {
  downloadLines,
  expectEveryRowOnce,
  giveFile,
  HEADER,
  holdChunks,
  irisTable,
  predict,
} from "../support/batch-page.ts";
import { expect, open, test } from "../support/test.ts";

test.beforeEach(async ({ page }) => {
  await open(page, "/batch");
});

test("a cancelled run keeps its answers, and goes on where it stopped", async ({ page }) => {
  const { held, release } = await holdChunks(page, 3);
  await giveFile(page, "irises.csv", irisTable(20_000));
  await predict(page);
  await held;
  await expect(page.getByText("6,000", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText(/^Cancelled after 6,000 rows/)).toBeVisible();
  release();
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByText(/^20,000 rows predicted/)).toBeVisible();
  expectEveryRowOnce(await downloadLines(page, "Download predictions"), 20_000);
});

const GOOD = "5.1,3.5,1.4,0.2";
const DIRTY = [
  { name: "a byte order mark", text: `\uFEFF${HEADER}\n${GOOD}\n`, rows: 1, bad: 0 },
  {
    name: "UTF-16 of a spreadsheet",
    text: Buffer.from(`\uFEFF${HEADER}\n${GOOD}\n`.replaceAll(",", "\t"), "utf16le"),
    rows: 1,
    bad: 0,
  },
  {
    name: "semicolons and decimal commas",
    text: `${HEADER.replaceAll(",", ";")}\r\n5,1;3,5;1,4;0,2\r\n`,
    rows: 1,
    bad: 0,
  },
  { name: "tabs", text: `${HEADER}\n${GOOD}`.replaceAll(",", "\t"), rows: 1, bad: 0 },
  {
    name: "a quoted line break",
    text: `note,${HEADER}\n"two\nlines",${GOOD}\nx,${GOOD}\n`,
    rows: 2,
    bad: 0,
  },
  { name: "ragged rows", text: `${HEADER}\n${GOOD}\n1,2\n${GOOD},9\n`, rows: 3, bad: 2 },
  { name: "blank lines", text: `${HEADER}\n\n${GOOD}\n\n\n`, rows: 1, bad: 0 },
  { name: "no header", text: `${GOOD}\n${GOOD}\n`, rows: 2, bad: 0 },
  { name: "a quote left open", text: `${HEADER}\n${GOOD}\n"5.1,3.5,1.4,0.2\n`, rows: 2, bad: 1 },
  { name: "NDJSON", text: `{"features":[${GOOD}]}\n{"features":["5.1",1,1,1]}\n`, rows: 2, bad: 1 },
];

for (const { name, text, rows, bad } of DIRTY) {
  test(`reads ${name}`, async ({ page }) => {
    await giveFile(page, "table.csv", text);
    await expect(page.getByRole("button", { name: `All ${rows}` })).toBeVisible();
    await expect(page.getByRole("button", { name: `Bad ${bad}` })).toBeVisible();
    await predict(page);
    const good = rows - bad;
    await expect(
      page.getByText(new RegExp(`^${good} rows? predicted by iris-forest`)),
    ).toBeVisible();
  });
}

for (const [name, text, problem] of [
  ["an empty file", "", "The file is empty."],
  ["a header alone", `${HEADER}\n`, "The file has a header and no rows."],
] as const) {
  test(`says what is wrong with ${name}, and takes another`, async ({ page }) => {
    await giveFile(page, "table.csv", text);
    await expect(page.getByRole("alert").filter({ hasText: problem })).toBeVisible();
    await page.getByRole("button", { name: "Take another" }).click();
    await expect(page.getByRole("heading", { name: "Your table" })).toBeVisible();
  });
}

test("bad rows are named with row, column and reason, and no formula leaves the page", async ({
  page,
}) => {
  const text = `note,${HEADER}\n=1+1,${GOOD}\n@x,-1,3.5,n/a,0.2\n+y,${GOOD}\n`;
  await giveFile(page, "dirty.csv", text);
  await page.getByRole("button", { name: "Bad 1" }).click();
  await expect(page.getByText("Sepal length: Input should be greater than 0")).toBeVisible();
  expect(await downloadLines(page, "Download bad rows")).toEqual([
    "row,column,value,reason",
    "2,sepal_length,-1,Input should be greater than 0",
    "2,petal_length,n/a,Input should be a valid number",
  ]);
  await predict(page);
  await expect(page.getByText(/^2 rows predicted/)).toBeVisible();
  const notes = (await downloadLines(page, "Download predictions")).map(
    (line) => line.split(",")[0],
  );
  expect(notes).toEqual(["note", "'=1+1", "'@x", "'+y"]);
});

test("columns can be chosen by hand, and pasted text is read", async ({ page }) => {
  await page.getByLabel("Text of the table").fill("a,b,c,d\n5.1,3.5,1.4,0.2\n");
  await page.getByRole("button", { name: "Read this text" }).click();
  await expect(page.getByText(/^Choose a column for sepal length/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Predict", exact: true })).toBeDisabled();
  for (const [label, column] of [
    ["Sepal length (cm)", "a"],
    ["Sepal width (cm)", "b"],
    ["Petal length (cm)", "c"],
    ["Petal width (cm)", "d"],
  ] as const) {
    await page.getByLabel(label).selectOption(column);
  }
  await predict(page);
  await expect(page.getByRole("cell", { name: "setosa" })).toBeVisible();
});

test("the model is in the address, and a wrong one gives a notice", async ({ page }) => {
  await giveFile(page, "table.csv", `${HEADER}\n${GOOD}\n`);
  await page.getByLabel("Model", { exact: true }).selectOption("iris-logistic");
  await expect(page).toHaveURL(/model=iris-logistic/);
  await predict(page);
  await expect(page.getByText(/^1 row predicted by iris-logistic/)).toBeVisible();
  await page.goto("/batch?model=nope&v=9");
  await expect(page.getByRole("list", { name: "Notices" }).getByRole("listitem")).toHaveCount(2);
});

test("asks for a key when the server wants one, and waits as long as a quota says", async ({
  page,
}) => {
  const replies = [401, 429];
  await page.context().route("**/trpc/*predictBatch", async (route) => {
    const status = replies.shift();
    if (status === undefined) return route.continue();
    const data = {
      code: status === 401 ? "UNAUTHORIZED" : "TOO_MANY_REQUESTS",
      httpStatus: status,
    };
    return route.fulfill({
      status,
      headers: { "retry-after": "1" },
      json: { error: { message: "refused", code: -32_000, data } },
    });
  });
  await giveFile(page, "table.csv", `${HEADER}\n${GOOD}\n`);
  await predict(page);
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByText("The server asks for fewer requests.")).toBeVisible();
  await expect(page.getByText(/^1 row predicted/)).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(`in ${colorScheme} colours`, () => {
    test.use({ colorScheme });

    test("axe finds nothing on a table, a run that waits, its end and a file that is none", async ({
      page,
    }) => {
      await giveFile(page, "table.csv", `${HEADER}\n${GOOD}\n,,,\n`);
      await expect(page.getByRole("button", { name: "Bad 1" })).toBeVisible();
      await expectNoAxeFindings(page);
      await page.context().route("**/trpc/*predictBatch", (route) => route.abort());
      await predict(page);
      await expect(page.getByText("The connection to the server is lost.")).toBeVisible();
      await expectNoAxeFindings(page);
      await page.context().unrouteAll();
      await expect(page.getByText(/^1 row predicted/)).toBeVisible({ timeout: 20_000 });
      await expectNoAxeFindings(page);
      await page.getByRole("button", { name: "Take another" }).click();
      await giveFile(page, "empty.csv", "");
      await expect(page.getByText("The file is empty.")).toBeVisible();
      await expectNoAxeFindings(page);
    });
  });
}

test("a table can be made here, with mistakes in it", async ({ page }) => {
  await page.getByLabel("Rows", { exact: true }).selectOption("1,000");
  await page.getByRole("button", { name: "Make me a file" }).click();
  await expect(page.getByRole("button", { name: "All 1,000" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Bad 20" })).toBeVisible();
  await predict(page);
  await expect(
    page.getByText(/^980 rows predicted by iris-forest.*20 bad rows left out/),
  ).toBeVisible();
});
