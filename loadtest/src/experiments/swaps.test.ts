import { expect, test } from "vitest";
import {
  swapFailureVerdict,
  swapMemoryVerdict,
  type SwapCounts,
  type SwapSample,
} from "./swaps.ts";

const MIB = 2 ** 20;

function samples(swaps: number, resident: (swap: number) => number): SwapSample[] {
  return Array.from({ length: 10 }, (_, index) => {
    const at = ((index + 1) * swaps) / 10;
    const rest = { loads: at, requests: at, failed: 0, p50: 1, p99: 2, longest: 3 };
    return { swaps: at, residentBytes: resident(at) * MIB, ...rest };
  });
}

function counts(change: Partial<SwapCounts> = {}): SwapCounts {
  const none = { singles: 100, batches: 10, failed: 0, hung: 0, mixed: 0, times: [] };
  return { ...none, reasons: new Set(), ...change };
}

test("memory that stays is met, memory that grows is missed", () => {
  expect(swapMemoryVerdict(samples(1000, () => 200)).verdict).toBe("aim met");
  expect(swapMemoryVerdict(samples(1000, (swap) => 200 + swap / 200)).verdict).toBe("met");
  const grown = swapMemoryVerdict(samples(1000, (swap) => 200 + swap / 10));
  expect(grown).toMatchObject({ verdict: "missed", measured: "+12.5 %" });
  // It rises until the garbage is collected.
  const saw = swapMemoryVerdict(samples(1000, (swap) => 200 + (swap % 700) / 10));
  expect(saw).toMatchObject({
    verdict: "aim met",
    reason: expect.stringContaining("260.0 MiB at most"),
  });
  // What a server takes in the first swaps, it keeps.
  expect(swapMemoryVerdict(samples(1000, (swap) => (swap < 200 ? 100 : 200))).verdict).toBe(
    "aim met",
  );
});

test("fewer swaps than asked for give no verdict", () => {
  expect(swapMemoryVerdict(samples(500, () => 200)).verdict).toBe("not measured");
  expect(swapMemoryVerdict([]).verdict).toBe("not measured");
  expect(swapFailureVerdict(counts(), 500).verdict).toBe("not measured");
});

test("one failed or mixed response is missed, however few the swaps", () => {
  expect(swapFailureVerdict(counts(), 1000)).toMatchObject({ verdict: "met", measured: "0" });
  const failed = counts({ failed: 1, reasons: new Set(["503 replaced"]) });
  expect(swapFailureVerdict(failed, 10)).toMatchObject({
    verdict: "missed",
    reason: "503 replaced",
  });
  expect(swapFailureVerdict(counts({ mixed: 1 }), 1000).verdict).toBe("missed");
});
