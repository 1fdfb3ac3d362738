import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadReports } from "./load-reports.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sepal-reports-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, createdAt: string): void {
  const report = { name: "course", title: "A course", created_at: createdAt };
  writeFileSync(join(folder, path), JSON.stringify(report));
}

test("a local run stands beside the published report of the same experiment, the latest first", async () => {
  write("course.json", "2026-11-21T00:00:00.000Z");
  mkdirSync(join(folder, "local"));
  write("local/course.json", "2026-11-28T00:00:00.000Z");
  writeFileSync(join(folder, "local/half.json"), "{");
  writeFileSync(join(folder, "course.md"), "");
  const { reports, unreadable } = await loadReports(folder);
  expect(reports.map(({ id, local }) => [id, local])).toEqual([
    ["local/course", true],
    ["course", false],
  ]);
  expect(unreadable).toEqual(["local/half.json"]);
});

test("without a folder there are no reports", async () => {
  expect(await loadReports(join(folder, "none"))).toEqual({ reports: [], unreadable: [] });
});
