import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, open, test } from "../support/test.ts";

const web = fileURLToPath(new URL("../../apps/web", import.meta.url));
const node = (type: string) => [process.execPath, `--input-type=${type}`];

const LANGUAGES: readonly { tab: string; command: readonly string[] }[] = [
  { tab: "curl", command: ["bash", "-s"] },
  { tab: "fetch", command: node("module") },
  { tab: "tRPC", command: node("module-typescript") },
  { tab: "Python", command: ["python3", "-"] },
];

for (const { tab, command } of LANGUAGES) {
  test(`the ${tab} snippet runs as shown and answers what the page shows`, async ({ page }) => {
    const [file = "", ...args] = command;
    const found = spawnSync(file, ["--version"]).error === undefined;
    test.skip(!found, `${file} is not installed on this machine`);
    await open(page, "/predict/iris-mlp?f=6,2.7,5.1,1.6");
    await page.getByRole("tab", { name: tab, exact: true }).click();
    const code = await page.getByRole("region", { name: `${tab} snippet` }).innerText();
    const run = spawnSync(file, args, { input: code, cwd: web, encoding: "utf8", timeout: 20_000 });
    expect(run.stderr.replaceAll(/^.*% Total[\s\S]*$/gm, "")).not.toMatch(/error/i);
    const answer = JSON.parse(run.stdout.trim());
    const bars = page
      .getByRole("article", { name: "Answer of iris-mlp" })
      .getByRole("list", { name: "Probability of each class" });
    for (const [index, label] of ["setosa", "versicolor", "virginica"].entries()) {
      const percent = `${(answer.proba[index] * 100).toFixed(1)} %`;
      await expect(bars.getByRole("listitem").filter({ hasText: label })).toContainText(percent);
    }
    expect(answer.model_used).toBe("iris-mlp");
  });
}
