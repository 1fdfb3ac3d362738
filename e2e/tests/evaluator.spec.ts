import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeModel } from "@sepal/evaluator/binary-form";
import { createEvaluator } from "@sepal/evaluator/evaluate";
import { build, type Rollup } from "vite";
import { root } from "../support/servers.ts";
import { predictionOf, expect, field, open, SINGLE_PREDICTION, test } from "../support/test.ts";

const EVALUATED = ["iris-forest", "wine-forest", "penguins-forest", "diabetes-boosting"];

/** The evaluator as one script that leaves `evaluateBits` behind: the bits of the values of some rows. */
async function evaluatorScript(): Promise<string> {
  const entry = join(root, "e2e/evaluator-entry.js");
  const source = `
    import { decodeModel } from "@sepal/evaluator/binary-form";
    import { createEvaluator } from "@sepal/evaluator/evaluate";
    globalThis.evaluateBits = (bytes, rows) => {
      const evaluator = createEvaluator(decodeModel(Uint8Array.from(bytes)));
      const features = Float32Array.from(rows.flat(), (value) => value ?? NaN);
      const { values, classes } = evaluator.evaluate(features, rows.length);
      return [[...new Uint32Array(values.buffer)], [...classes].map(String)];
    };`;
  const built = (await build({
    configFile: false,
    root: join(root, "e2e"),
    logLevel: "warn",
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? source : undefined),
      },
    ],
    build: { write: false, lib: { entry, formats: ["iife"], name: "evaluator" } },
  })) as Rollup.RollupOutput[];
  return built[0]?.output[0].code ?? "";
}

test("Chromium evaluates every golden row to the bits of Node", async ({ page, apiUrl }) => {
  await page.addScriptTag({ content: await evaluatorScript() });
  for (const name of EVALUATED) {
    const { groups } = JSON.parse(
      await readFile(join(root, "models", name, "1/golden.json"), "utf8"),
    );
    const rows: (number | null)[][] = groups.flatMap(
      (group: { features: (number | null)[][] }) => group.features,
    );
    const response = await page.request.get(`${apiUrl}/models/${name}/versions/1/evaluator`);
    const bytes = await response.body();
    const evaluator = createEvaluator(decodeModel(new Uint8Array(bytes)));
    const features = Float32Array.from(rows.flat(), (value) => value ?? Number.NaN);
    const { values, classes } = evaluator.evaluate(features, rows.length);
    expect(rows.length).toBeGreaterThan(100);
    expect(
      await page.evaluate(([form, given]) => Reflect.get(globalThis, "evaluateBits")(form, given), [
        [...bytes],
        rows,
      ] as const),
      name,
    ).toEqual([[...new Uint32Array(values.buffer)], Array.from(classes, String)]);
  }
});

test("the page predicts a slider move itself, and the server confirms the row at rest", async ({
  page,
}) => {
  await open(page, "/predict/iris-forest?f=5.1,3.5,1.4,0.2");
  const result = page.getByRole("region", { name: "Result" });
  await expect(result).toContainText("the same bits");
  const { promise: release, resolve } = Promise.withResolvers<void>();
  await page.route(SINGLE_PREDICTION, async (route) => {
    await release;
    await route.continue();
  });
  await field(page, "Petal length").fill("5.9");
  await field(page, "Petal width").fill("2.1");
  await expect(predictionOf(page)).toContainText("virginica");
  await expect(result).toContainText("not yet confirmed by the server");
  resolve();
  await expect(result).toContainText("the same bits");
});

test("the page keeps predicting while the server is down, and shows it", async ({ page }) => {
  await open(page, "/predict/wine-forest");
  const result = page.getByRole("region", { name: "Result" });
  await expect(result).toContainText("the same bits");
  await page.route(SINGLE_PREDICTION, (route) => route.abort());
  await page.getByRole("button", { name: "A typical barbera" }).click();
  await expect(result).toContainText("the server does not respond");
  await expect(predictionOf(page, "wine-forest")).toContainText("barbera");
});

test("a difference between page and server is said loudly", async ({ page }) => {
  await open(page, "/predict/diabetes-boosting");
  const result = page.getByRole("region", { name: "Result" });
  await expect(result).toContainText("the same bits");
  await page.route(SINGLE_PREDICTION, async (route) => {
    const response = await route.fetch();
    const text = await response.text();
    await route.fulfill({ response, body: text.replace(/("values":\{"\w+":)/, "$11") });
  });
  await page.getByRole("slider").first().press("ArrowRight");
  await expect(result.getByRole("alert")).toContainText(
    /This page and the server differ for diabetes-boosting\. The page computes \d+\.\d+, the server 1\d+\.\d+/,
  );
});

test("a browser that is offline is told apart from a server that is down, and asks again by itself", async ({
  page,
  context,
}) => {
  await open(page, "/predict/iris-forest?f=5.1,3.5,1.4,0.2");
  const result = page.getByRole("region", { name: "Result" });
  await expect(result).toContainText("the same bits");
  await context.setOffline(true);
  await expect(page.getByRole("alert").first()).toContainText("This browser is offline.");
  await expect(page.getByText("Server: Offline")).toBeVisible();
  await page.getByRole("button", { name: "A typical virginica" }).click();
  await expect(predictionOf(page)).toContainText("virginica");
  await expect(result).toContainText("Computed in this page");
  await context.setOffline(false);
  await expect(page.getByText("This browser is offline.")).toBeHidden();
  await expect(result).toContainText("the same bits");
});
