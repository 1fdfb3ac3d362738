import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expectNoAxeFindings } from "../support/axe.ts";
import {
  downloadBytes,
  downloadLines,
  expectEveryRowOnce,
  giveFile,
  HEADER,
  holdChunks,
  irisTable,
  predict,
} from "../support/batch-page.ts";
import { root } from "../support/servers.ts";
import { expect, open, test } from "../support/test.ts";

test.beforeEach(async ({ page }) => {
  await open(page, "/batch");
});

test("a cancelled run keeps its predictions and resumes", async ({ page }) => {
  const { held, release } = await holdChunks(page, 3);
  await giveFile(page, "irises.csv", irisTable(20_000));
  await predict(page);
  await held;
  await expect(page.getByText("6,000", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText(/^Cancelled after 6,000 rows/)).toBeVisible();
  release();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText(/^20,000 rows predicted/)).toBeVisible();
  expectEveryRowOnce(await downloadLines(page, "Download predictions"), 20_000);
});

const GOOD = "5.1,3.5,1.4,0.2";
const DIRTY = [
  { name: "a byte order mark", text: `\uFEFF${HEADER}\n${GOOD}\n`, rows: 1, bad: 0 },
  { name: "gzip", text: gzipSync(`${HEADER}\n${GOOD}\n`), rows: 1, bad: 0 },
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
  { name: "short and long rows", text: `${HEADER}\n${GOOD}\n1,2\n${GOOD},9\n`, rows: 3, bad: 2 },
  { name: "blank lines", text: `${HEADER}\n\n${GOOD}\n\n\n`, rows: 1, bad: 0 },
  { name: "no header", text: `${GOOD}\n${GOOD}\n`, rows: 2, bad: 0 },
  { name: "no header and decimal commas", text: "5,1;3,5;1,4;0,2\n", rows: 1, bad: 0 },
  { name: "a JSON array", text: `[{"features":[${GOOD}]},\n[${GOOD}],[1]]`, rows: 3, bad: 1 },
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
  [
    "a quote left open",
    `${HEADER}\n${GOOD}\n"5.1,3.5,1.4,0.2\n`,
    "Row 2: A quote is not closed (quote_not_closed)",
  ],
  [
    "a workbook",
    "PK\u0003\u0004",
    "The file is a workbook or a ZIP archive; save it as CSV UTF-8.",
  ],
  ["UTF-16", Buffer.from(`\uFEFF${HEADER}`, "utf16le"), "The file is UTF-16; save it as UTF-8."],
  ["a header alone", `${HEADER}\n`, "The file has a header and no rows."],
] as const) {
  test(`says what is wrong with ${name}, and takes another`, async ({ page }) => {
    await giveFile(page, "table.csv", text);
    await expect(page.getByRole("alert").filter({ hasText: problem })).toBeVisible();
    await page.getByRole("button", { name: "Take another" }).click();
    await expect(page.getByRole("heading", { name: "Your table" })).toBeVisible();
  });
}

test("bad rows are named with row, column and reason, and keys come back as they are", async ({
  page,
}) => {
  const text = `note,${HEADER}\n=1+1,${GOOD}\n@x,-1,3.5,n/a,0.2\n+y,${GOOD}\n`;
  await giveFile(page, "dirty.csv", text);
  await page.getByRole("button", { name: "Bad 1" }).click();
  await expect(page.getByText("Sepal length: Input should be greater than 0")).toBeVisible();
  expect(await downloadLines(page, "Download bad rows")).toEqual([
    "row,column,value,reason",
    '2,petal_length,n/a,"Input should be a valid number, unable to parse string as a number"',
    "2,sepal_length,-1,Input should be greater than 0",
  ]);
  await predict(page);
  await expect(page.getByText(/^2 rows predicted/)).toBeVisible();
  const notes = (await downloadLines(page, "Download predictions")).map(
    (line) => line.split(",")[0],
  );
  expect(notes).toEqual(["note", "=1+1", "@x", "+y"]);
});

const latin = (text: string) => Buffer.from(text, "latin1");

const FILES: readonly (readonly [name: string, bytes: Buffer, charset: string])[] = [
  [
    "semicolons.csv",
    Buffer.from(
      `\uFEFFid;label;${HEADER.replaceAll(",", ";")}\r\n=1;"a ""b""";5,1;3,5;1,4;0,2\r\n\r\n-2;é;6;2,7;5,1;1,6`,
    ),
    "utf-8",
  ],
  [
    "tabs.tsv",
    latin(
      `name\t${HEADER.replaceAll(",", "\t")}\rM\u00fcller \u0080\t${GOOD.replaceAll(",", "\t")}\r`,
    ),
    "windows-1252",
  ],
  ["bad.csv", Buffer.from(`id,${HEADER}\n1,-5,x,,nan\n2,1\n3,${GOOD},4\n4,${GOOD}\n`), "utf-8"],
  [
    "lines.ndjson",
    Buffer.from(
      ` {"id":9007199254740993,"class":1e400,"features":[${GOOD}] }\r\n[${GOOD}]\n{"é":-0,"SepalLengthCm":1}\nno\n`,
    ),
    "utf-8",
  ],
];

for (const [name, bytes, charset] of FILES) {
  test(`the download of ${name} is the file that /predict-file makes`, async ({ page, apiUrl }) => {
    await giveFile(page, name, bytes);
    if (charset !== "utf-8") {
      await expect(
        page.getByRole("alert").filter({ hasText: "it looks like Windows-1252" }),
      ).toBeVisible();
      await page.getByRole("button", { name: "Read as Windows-1252" }).click();
    }
    await predict(page);
    await expect(page.getByText(/^\d rows? predicted/)).toBeVisible();
    const type = name.endsWith(".ndjson") ? "application/x-ndjson" : "text/csv";
    const response = await fetch(`${apiUrl}/predict-file?charset=${charset}`, {
      method: "POST",
      headers: { "content-type": type },
      body: new Uint8Array(bytes),
    });
    const expected = Buffer.from(await response.arrayBuffer());
    expect(response.status).toBe(200);
    const download = await downloadBytes(page, "Download predictions");
    expect(download.toString("latin1")).toBe(expected.toString("latin1"));
  });
}

test("columns that no heading names are guessed from pasted text, and confirmed before a row is checked", async ({
  page,
}) => {
  await page
    .getByLabel("Text of the table")
    .fill("id,w,note,x,y,z\n7,5.1,a,3.5,1.4,0.2\n9,6,b,3,5,bad\n");
  await page.getByRole("button", { name: "Read this text" }).click();
  const use = page.getByRole("button", { name: "Use these columns" });
  await expect(use).toBeDisabled();
  await expect(page.getByText(/^No column yet for sepal length/)).toBeVisible();
  await expect(page.getByRole("region", { name: "First rows of the file" })).toContainText("bad");
  await expect(page.getByRole("button", { name: /^Bad/ })).toBeHidden();
  await page.getByLabel("Petal width (cm)").selectOption("z");
  await expect(page.getByText("0.2, bad")).toBeVisible();
  for (const [label, column] of [
    ["Sepal length (cm)", "w"],
    ["Sepal width (cm)", "x"],
    ["Petal length (cm)", "y"],
  ] as const) {
    await page.getByLabel(label).selectOption(column);
  }
  await expectNoAxeFindings(page);
  await use.click();
  await expect(page.getByRole("button", { name: "Bad 1" })).toBeVisible();
  await predict(page);
  await expect(page.getByRole("cell", { name: "setosa" })).toBeVisible();

  await page.getByRole("button", { name: "Take another" }).click();
  await giveFile(page, "unnamed.csv", "w;x;y;z;class\n5,1;3,5;1,4;0,2;setosa\n");
  await expect(page.getByLabel("Sepal length (cm), guess")).toHaveValue("0");
  await expect(page.getByLabel("Petal width (cm), guess")).toHaveValue("3");
  await use.click();
  await expect(page.getByRole("button", { name: "Bad 0" })).toBeVisible();
});

test("a table with the features of another model is offered that model, and no row is called bad", async ({
  page,
}) => {
  await page.getByLabel("Model", { exact: true }).selectOption("wine-forest");
  await expect(page.getByLabel("Text of the table")).toHaveAttribute("placeholder", /^alcohol,/);
  await giveFile(page, "irises.csv", `${HEADER}\n${GOOD}\n`);
  await expect(page.getByRole("button", { name: "Use these columns" })).toBeDisabled();
  await page.getByRole("button", { name: /^Use iris-/ }).click();
  await expect(page).toHaveURL(/model=iris-/);
  await expect(page.getByRole("button", { name: "Bad 0" })).toBeVisible();
});

test("a table, its run and its model survive navigation and a reload, which asks while it runs", async ({
  page,
}) => {
  const { held, release } = await holdChunks(page, 2);
  await page.getByLabel("Model", { exact: true }).selectOption("iris-logistic");
  await giveFile(page, "irises.csv", irisTable(12_000));
  await predict(page);
  await held;
  await expect(page.getByText("4,000", { exact: true })).toBeVisible();
  await expect(page.getByText(/kept in this tab/)).toBeVisible();
  const nav = page.getByRole("navigation", { name: "Views" });
  await nav.getByRole("link", { name: "Lessons" }).click();
  await expect(page).toHaveURL(/lessons/);
  await nav.getByRole("link", { name: /^Batch/ }).click();
  await expect(page).toHaveURL(/model=iris-logistic/);
  await expect(page.getByText("4,000", { exact: true })).toBeVisible();
  // Predictions are written to the browser's storage every second.
  await page.waitForFunction(async () => {
    const open = indexedDB.open("sepal-batch");
    await new Promise((resolve) => open.addEventListener("success", resolve));
    const store = open.result.transaction("tabs").objectStore("tabs").getAll();
    await new Promise((resolve) => store.addEventListener("success", resolve));
    const { answers } = store.result.find((entry) => entry.answers) ?? {};
    return answers?.known.filter((known: number) => known === 1).length === 4000;
  });
  const asked = page.waitForEvent("dialog").then(async (dialog) => {
    await dialog.accept();
    return dialog.type();
  });
  await page.reload();
  expect(await asked).toBe("beforeunload");
  release();
  await expect(page.getByText(/^12,000 rows predicted by iris-logistic/)).toBeVisible();
  await page.reload();
  await expect(page.getByText(/^12,000 rows predicted by iris-logistic/)).toBeVisible();
  expectEveryRowOnce(await downloadLines(page, "Download predictions"), 12_000);
});

test("what the first row is said to be survives a reload, with each prediction in its row", async ({
  page,
}) => {
  const rows = ["5.1,3.5,1.4,0.2", "6.3,3.3,6,2.5", "5,3.4,1.5,0.2", "6.5,3,5.8,2.2"];
  await giveFile(page, "no-header.csv", `${rows.join("\n")}\n`);
  const names = page.getByRole("checkbox", { name: "The first row holds the names" });
  await names.click();
  await expect(names).toBeChecked();
  await page.getByRole("button", { name: "Use these columns" }).click();
  await predict(page);
  await expect(page.getByText(/^3 rows predicted/)).toBeVisible();
  const shown = page.getByRole("region", { name: "Rows of the table" }).getByRole("row");
  const expectRows = async () => {
    await expect(shown.nth(1)).toContainText("virginica");
    await expect(shown.nth(2)).toContainText("setosa");
    await expect(shown.nth(3)).toContainText("virginica");
  };
  await expectRows();
  await expect(page.getByText(/kept in this tab/)).toBeVisible();
  // Written down at most every 200 ms.
  await page.waitForTimeout(1000);
  await page.reload();
  await expect(page.getByText(/^3 rows predicted/)).toBeVisible();
  await expect(names).toBeChecked();
  await expectRows();
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
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText("The server asks for fewer requests.")).toBeVisible();
  await expect(page.getByText(/^1 row predicted/)).toBeVisible();
});

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
  await expect(page.getByText(/^1 row predicted/)).toBeVisible();
  await expectNoAxeFindings(page);
  await page.getByRole("button", { name: "Take another" }).click();
  await giveFile(page, "empty.csv", "");
  await expect(page.getByText("The file is empty.")).toBeVisible();
  await expectNoAxeFindings(page);
});

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

test("a column with the truth gives accuracy, confusions and the wrong rows", async ({
  page,
  apiUrl,
}) => {
  const text = await readFile(join(root, "models/datasets/iris.csv"), "utf8");
  // Two labels are wrong, so that there is something to find.
  const table = text.replace(",setosa", ",virginica").replace(",versicolor", ",setosa");
  const [, ...lines] = table.trimEnd().split("\n");
  const rows = lines.map((line) => line.split(",").slice(0, 4).map(Number));
  const truth = lines.map((line) => line.split(",")[4]);
  const reply = await page.request.post(`${apiUrl}/predict-batch`, { data: { rows } });
  const { predictions } = await reply.json();
  const right = truth.filter((label, row) => label === predictions[row].label).length;
  await giveFile(page, "iris.csv", table);
  const panel = page.getByRole("region", { name: "Evaluation" });
  await expect(panel.getByLabel("Label column")).toHaveValue("4");
  await predict(page);
  await expect(panel).toContainText(`${((right / 150) * 100).toFixed(1)} %`);
  await expect(panel).toContainText(`${right} of 150 rows`);
  const confusion = panel.getByRole("table", { name: "Confusion matrix" });
  await expect(confusion.getByRole("row", { name: /^virginica/ })).toContainText("1");
  await expect(
    panel.getByRole("img", { name: /^Calibration\. .*confidence 90 to 100 %: accuracy/ }),
  ).toBeVisible();
  await panel.getByRole("slider", { name: "Confidence threshold" }).press("End");
  await expect(panel).toContainText(/99 %: coverage \d+\.\d %, accuracy/);
  await page.getByRole("button", { name: /^Misclassified/ }).click();
  const shown = page.getByRole("region", { name: "Rows of the table" }).getByRole("row");
  await expect(shown.nth(1)).toContainText("5.1");
  await expect(shown.nth(2)).toContainText("7.0");
  await expectNoAxeFindings(page);
});

test("a file that is chosen before the page's code runs is read", async ({ page }) => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await page.route("**/_next/static/**/*.js", async (route) => {
    await released;
    await route.continue();
  });
  await page.goto("/batch", { waitUntil: "commit" });
  await giveFile(page, "irises.csv", irisTable(150));
  release();
  await expect(page.getByRole("button", { name: "Predict", exact: true })).toBeEnabled();
});

test("a regression's truth gives its errors", async ({ page }) => {
  await page.goto("/batch?model=diabetes-ridge");
  await giveFile(page, "diabetes.csv", await readFile(join(root, "models/datasets/diabetes.csv")));
  await predict(page);
  const panel = page.getByRole("region", { name: "Evaluation" });
  await expect(panel).toContainText("mean absolute error of 442 rows");
  await expect(panel).toContainText(/0\.5\d\d\s*R²/);
  await expect(
    panel.getByRole("img", { name: /^Predicted against actual value of/ }),
  ).toBeVisible();
  await expect(panel.getByRole("img", { name: /^Residuals: .* of \d+ rows/ })).toBeVisible();
  await expectNoAxeFindings(page);
});
