import { spawnSync } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Consumer, pack } from "../../packages/client/test/consumer.ts";
import { root } from "../support/servers.ts";
import { predictionOf, expect, open, test } from "../support/test.ts";

const node = (type: string) => [process.execPath, `--input-type=${type}`];

const LANGUAGES: readonly { tab: string; command: readonly string[] }[] = [
  { tab: "TypeScript client", command: node("module-typescript") },
  { tab: "fetch", command: node("module") },
  { tab: "curl", command: ["bash", "-s"] },
  { tab: "Python", command: ["python3", "-"] },
];

for (const { tab, command } of LANGUAGES) {
  test(`the ${tab} snippet runs as shown and prints what the page shows`, async ({ page }) => {
    const [file = "", ...args] = command;
    const found = spawnSync(file, ["--version"]).error === undefined;
    test.skip(!found, `${file} is not installed on this machine`);
    await open(page, "/predict/iris-mlp?f=6,2.7,5.1,1.6&tab=code");
    await page.getByRole("tab", { name: tab, exact: true }).click();
    const packed = await mkdtemp(join(tmpdir(), "sepal-packed-"));
    // An empty project, with the packed client alone.
    await using project =
      tab === "TypeScript client"
        ? await Consumer.install(await pack(join(root, "packages/client"), packed))
        : { folder: packed, async [Symbol.asyncDispose]() {} };
    const code = await page.getByRole("region", { name: `${tab} snippet` }).innerText();
    const run = spawnSync(file, args, {
      input: code,
      cwd: project.folder,
      encoding: "utf8",
      timeout: 120_000,
    });
    expect(run.stderr.replaceAll(/^.*% Total[\s\S]*$/gm, "")).not.toMatch(/error/i);
    const response = JSON.parse(run.stdout.trim());
    const cells = predictionOf(page, "iris-mlp").getByRole("cell");
    for (const index of [0, 1, 2]) {
      const percent = `${(response.proba[index] * 100).toFixed(1)} %`;
      await expect(cells.nth(index + 1)).toHaveText(percent);
    }
    expect(response.model_used).toBe("iris-mlp");
  });
}
