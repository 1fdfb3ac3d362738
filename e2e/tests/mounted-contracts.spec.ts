import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectNoAxeFindings } from "../support/axe.ts";
import { downloadLines, giveFile, predict } from "../support/batch-page.ts";
import { freePort, root, startApi, startWeb } from "../support/servers.ts";
import { predictionOf, expect, field, open, PREDICTED, test } from "../support/test.ts";

const length = { type: "number", unit: "cm", exclusive_minimum: 0 };

const flowers = {
  format: 1,
  name: "flowers",
  title: "Flowers",
  description: "Irises by name.",
  task: "classification",
  features: [
    { ...length, name: "sepal_length", label: "Sepal length" },
    { ...length, name: "sepal_width", label: "Sepal width" },
    { ...length, name: "petal_length", label: "Petal length" },
    { ...length, name: "petal_width", label: "Petal width", nullable: true },
  ],
  classes: ["setosa", "versicolor", "virginica"],
  examples: [
    {
      name: "a small one",
      features: { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 },
    },
  ],
};

function edit(file: string, changes: object): void {
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...changes }));
}

/** A model repository of iris-forest alone, to which a contract and its model can be added. */
function repository() {
  const folder = mkdtempSync(join(tmpdir(), "sepal-mounted-"));
  cpSync(join(root, "models/iris-forest"), join(folder, "iris-forest"), { recursive: true });
  mkdirSync(join(folder, "contracts"));
  cpSync(join(root, "models/datasets/iris.csv"), join(folder, "datasets/iris.csv"));
  const contract = join(folder, "contracts/flowers.json");
  const model = join(folder, "flowers-forest");
  return {
    folder,
    mount() {
      cpSync(join(folder, "iris-forest"), model, { recursive: true });
      const names = { contract: "flowers", model_name: "flowers-forest" };
      edit(join(model, "1/manifest.json"), names);
      edit(join(model, "model.json"), { contract: "flowers" });
      writeFileSync(contract, JSON.stringify(flowers));
    },
    unmount() {
      rmSync(model, { recursive: true });
      rmSync(contract);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

test("a contract that appears while the servers run has its views, and none once it is gone", async ({
  page,
}) => {
  using models = repository();
  await using api = await startApi(await freePort(), { MODELS_DIR: models.folder });
  await using web = await startWeb(await freePort(), api.url);
  const status = async () => (await page.request.get(`${web.url}/predict/flowers`)).status();
  expect(await status()).toBe(404);
  models.mount();
  const state = async () => {
    const reply = await page.request.get(`${api.url}/models/flowers-forest`);
    return reply.ok() ? (await reply.json()).state : reply.status();
  };
  await expect.poll(state).toBe("ready");
  expect(await status()).toBe(200);

  await open(page, `${web.url}/predict/flowers`);
  await expect(predictionOf(page, "flowers-forest")).toContainText("setosa");
  await expectNoAxeFindings(page);
  await page.getByRole("button", { name: "Missing: Petal width" }).click();
  await expect(page).toHaveURL(/f=5\.1,3\.5,1\.4,$/);
  await expect(field(page, "Petal width")).toHaveValue("");
  await field(page, "Petal length").fill("5.1");
  await page.getByRole("tab", { name: "Code" }).click();
  await expect(page.getByRole("region", { name: "TypeScript client snippet" })).toContainText(
    '"petal_length":5.1,"petal_width":null',
  );
  await expect(predictionOf(page, "flowers-forest")).toContainText(PREDICTED);
  await page.getByRole("button", { name: "Missing: Petal width" }).click();
  await expect(field(page, "Petal width")).toHaveValue("0.2");

  await open(page, `${web.url}/batch?model=flowers-forest`);
  await giveFile(
    page,
    "flowers.csv",
    "Petal.Width,petal_length,sepal_width,sepal_length\r\nNA,1.4,3.5,5.1\r\n2.1,5.4,3.1,6.9\r\n",
  );
  await predict(page);
  const [header, ...lines] = await downloadLines(page, "Download predictions");
  expect(header).toMatch(/,class,label,confidence,proba_setosa,/);
  expect(lines.map((line) => line.split(",")[5])).toEqual(["setosa", "virginica"]);

  models.unmount();
  await expect.poll(status).toBe(404);
});
