import { expect, test } from "vitest";
import { memoryVerdict, type MemoryPoint } from "./memory-report.ts";
import { mixed } from "../clients/mixed-bodies.ts";

const MIB = 2 ** 20;
const at = (requests: number, megabytes: number): MemoryPoint => ({
  requests,
  refused: requests / 100,
  residentBytes: megabytes * MIB,
  lost: 0,
});

test("the first look past the base is held against the last, not the warm-up", () => {
  const points = [at(50_000, 80), at(120_000, 100), at(2_000_000, 140), at(5_100_000, 104)];
  expect(memoryVerdict(points)).toMatchObject({ verdict: "met", measured: "+4.0 %" });
  expect(memoryVerdict([...points, at(5_200_000, 106)]).verdict).toBe("missed");
  expect(memoryVerdict([...points, at(5_200_000, 99)]).verdict).toBe("aim met");
});

test("too few requests or lost ones give no verdict", () => {
  const short = memoryVerdict([at(120_000, 100), at(4_000_000, 100)]);
  expect(short).toMatchObject({ verdict: "not measured", reason: "only 4,000,000 requests" });
  expect(memoryVerdict([at(120_000, 100)]).verdict).toBe("not measured");
  const lost = memoryVerdict([at(120_000, 100), { ...at(5_000_000, 100), lost: 3 }]);
  expect(lost.reason).toBe("3 requests were lost");
});

test("one body in a hundred is bad and every good one takes part", () => {
  const good = Array.from({ length: 256 }, (_, index) => `good ${index}`);
  const lines = mixed(good);
  expect(lines.filter((line) => !line.startsWith("good")).length / lines.length).toBe(0.01);
  expect(new Set(lines).size).toBe(256 + 4);
});
