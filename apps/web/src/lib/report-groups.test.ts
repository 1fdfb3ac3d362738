import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { groupReports } from "./report-groups.ts";

const stored = (name: string, local = false) => ({ local, report: { name } });

test("the homework comes first, a run of this machine behind the one that came with Sepal", () => {
  const reports = [stored("swaps"), stored("own"), stored("course", true), stored("course")];
  expect(
    groupReports(reports).map(({ title, reports: found }) => [
      title,
      found.map(({ report, local }) => `${report.name}${local ? ", local" : ""}`),
    ]),
  ).toEqual([
    ["Course", ["course", "course, local"]],
    ["Reliability", ["swaps"]],
    ["Other", ["own"]],
  ]);
});

test("every report that comes with Sepal has a group", () => {
  const folder = new URL("../../../../loadtest/reports/", import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const groups = groupReports(names.map((name) => stored(name.slice(0, -".json".length))));
  expect(groups.map(({ title }) => title)).toEqual(["Course", "Comparison", "Reliability"]);
});
