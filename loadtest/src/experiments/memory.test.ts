import { expect, test } from "vitest";
import { memoryVerdict, type MemorySample } from "./memory.ts";

const MIB = 2 ** 20;
const at = (requests: number, megabytes: number): MemorySample => ({
  requests,
  refused: requests / 100,
  residentBytes: megabytes * MIB,
  lost: 0,
});

test("the first sample past the base is compared with the last, not the warm-up", () => {
  const samples = [at(50_000, 80), at(120_000, 100), at(2_000_000, 140), at(5_100_000, 104)];
  expect(memoryVerdict(samples)).toMatchObject({ verdict: "met", measured: "+4.0 %" });
  expect(memoryVerdict([...samples, at(5_200_000, 106)]).verdict).toBe("missed");
  expect(memoryVerdict([...samples, at(5_200_000, 99)]).verdict).toBe("aim met");
});

test("too few requests or lost ones give no verdict", () => {
  const short = memoryVerdict([at(120_000, 100), at(4_000_000, 100)]);
  expect(short).toMatchObject({ verdict: "not measured", reason: "only 4,000,000 requests" });
  expect(memoryVerdict([at(120_000, 100)]).verdict).toBe("not measured");
  const lost = memoryVerdict([at(120_000, 100), { ...at(5_000_000, 100), lost: 3 }]);
  expect(lost.reason).toBe("3 requests were lost");
});
