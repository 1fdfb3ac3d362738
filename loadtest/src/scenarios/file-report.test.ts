import { expect, test } from "vitest";
import { fileVerdict, type FileRun } from "./file-report.ts";

function run(name: string, peakBytes: number): FileRun {
  const reply = { status: 200, lines: 2, bytes: 10, seconds: 1 };
  return {
    name,
    path: "",
    readLate: false,
    idleBytes: 100e6,
    peakBytes,
    singles: [1],
    delayMs: 1,
    ...reply,
  };
}

test.each([
  [150e6, "aim met"],
  [199e6, "met"],
  [201e6, "missed"],
])("a file that takes the server to %d bytes is %s", (peak, verdict) => {
  const judged = fileVerdict([run("a", 120e6), run("b", peak)], 1_000_000);
  expect(judged).toMatchObject({ verdict, reason: expect.stringMatching(/^b;/) });
});

test("a short file says nothing of a million rows", () => {
  expect(fileVerdict([run("a", 120e6)], 1000).verdict).toBe("not measured");
});
