import { expect, test } from "vitest";
import { faults, type FaultRow } from "./faults.ts";

const row: FaultRow = { fault: "a", promise: "it goes on", kept: "yes", twin: "yes" };

function verdicts(rows: readonly FaultRow[]) {
  const result = {
    rows: [...rows],
    runs: [],
    generators: [],
    parameters: { minutes: 20 },
    partial: false,
    failed: false,
  };
  return faults
    .report(result, {}, "test")
    .verdicts.map(({ measured, verdict }) => `${measured} ${verdict}`);
}

test("every promise has to be kept, and every twin to break its own", () => {
  expect(verdicts([row, row])).toEqual(["2 met", "2 met"]);
  expect(verdicts([row, { ...row, kept: "NO" }])).toEqual(["1 missed", "2 met"]);
  expect(verdicts([row, { ...row, twin: "NO" }])).toEqual(["2 met", "1 missed"]);
});

test("a fault that could not be tried is neither kept nor broken", () => {
  expect(verdicts([row, { ...row, kept: "?" }])[0]).toBe("1 not measured");
  expect(
    verdicts([
      { ...row, kept: "NO" },
      { ...row, kept: "?" },
    ])[0],
  ).toBe("0 missed");
});
