import { expect, test } from "vitest";
import { fileVerdict, type FileRun } from "./file.ts";

function run(name: string, above: number): FileRun {
  const times = { delay: 1, p50: 1, p99: 1, max: 1 };
  return { name, seconds: 1, rate: 1, megabytes: 1, above, ...times };
}

test.each([
  [50, "aim met"],
  [99, "met"],
  [101, "missed"],
])("a file that takes the server %d MB above idle is %s", (peak, verdict) => {
  const judged = fileVerdict([run("a", 20), run("b", peak)], 1_000_000);
  expect(judged).toMatchObject({ verdict, reason: expect.stringMatching(/^b;/) });
});

test("a short file says nothing about a million rows", () => {
  expect(fileVerdict([run("a", 20)], 1000).verdict).toBe("not measured");
});
