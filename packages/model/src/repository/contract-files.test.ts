import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readContractOf, scanContracts } from "./contract-files.ts";

test("the example of the documentation is a contract", async () => {
  const page = await readFile(new URL("../../../../docs/contracts.md", import.meta.url), "utf8");
  const [, example = ""] = /```json\n(.*?)```/s.exec(page) ?? [];
  const repository = await mkdtemp(join(tmpdir(), "sepal-contracts-"));
  try {
    await mkdir(join(repository, "contracts"));
    await writeFile(join(repository, "contracts", "passengers.json"), example);
    expect((await scanContracts(repository)).map(({ name }) => name)).toEqual(["passengers"]);
    expect((await readContractOf(repository, "passengers")).features).toHaveLength(6);
    await expect(readContractOf(repository, "../passengers")).rejects.toThrow("no contract");
  } finally {
    await rm(repository, { recursive: true, force: true });
  }
});
