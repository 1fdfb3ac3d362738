import { expect, test } from "vitest";
import {
  FULL_SECONDS,
  soakVerdicts,
  type ServerState,
  type Soaked,
  type SoakWindow,
} from "./soak.ts";

const MIB = 2 ** 20;

const state: ServerState = {
  residentBytes: 200 * MIB,
  heapBytes: 40 * MIB,
  externalBytes: 10 * MIB,
  descriptors: 30,
  threads: 12,
  cpuSeconds: 1,
  loopP99: 5,
  loopMax: 30,
  loads: 4,
};

const none = { single: 0, trpc: 0, calls: 0, batch: 0, file: 0, stream: 0, bad: 0 };

function soaked(
  change: (share: number) => Partial<SoakWindow> = () => ({}),
  rest: Partial<Soaked> = {},
  seconds = FULL_SECONDS,
): Soaked {
  const windows = Array.from({ length: 60 }, (_, index) => {
    const share = (index + 1) / 60;
    const own = { at: share * seconds, p50: 1, p99: 4, requests: 1, wrong: 0, underWay: 0 };
    return { ...state, ...own, cpu: 0.3, swaps: 1, ...change(share) };
  });
  const counts = { wrong: 0, reasons: [], sent: none };
  return { windows, idle: { before: state, after: state }, counts, ...rest };
}

function verdictsOf(given: Soaked): string[] {
  return soakVerdicts(given).map(({ verdict }) => verdict);
}

test("a server that stays as it is meets every aim", () => {
  expect(verdictsOf(soaked())).toEqual(Array.from({ length: 6 }, () => "aim met"));
});

test("each fault is missed by its own verdict and by no other", () => {
  const faults: Soaked[] = [
    soaked(() => ({}), { counts: { wrong: 1, reasons: ["row 3"], sent: none } }),
    soaked((share) => ({ residentBytes: (200 + 30 * share) * MIB })),
    soaked(() => ({}), { idle: { before: state, after: { ...state, descriptors: 36 } } }),
    soaked((share) => ({ p50: share > 2 / 3 ? 1.3 : 1 })),
    soaked((share) => ({ p99: share > 2 / 3 ? 6.5 : 4 })),
    soaked((share) => ({ loopP99: share > 0.98 ? 60 : 5 })),
  ];
  for (const [index, fault] of faults.entries()) {
    const missed = verdictsOf(fault).map((verdict) => verdict === "missed");
    expect(missed, `fault ${index}`).toEqual(faults.map((_, place) => place === index));
  }
  const [wrong] = soakVerdicts(faults[0] ?? soaked());
  expect(wrong).toMatchObject({ measured: "1", reason: "row 3" });
});

test("threads that stay count as handles", () => {
  const after = { ...state, threads: 20 };
  expect(verdictsOf(soaked(() => ({}), { idle: { before: state, after } }))[2]).toBe("missed");
});

test("what a server takes while it warms up, and garbage that comes and goes, is no growth", () => {
  const saw = soaked((share) => ({
    residentBytes: ((share < 1 / 3 ? 100 : 200) + ((share * 60) % 7)) * MIB,
  }));
  expect(verdictsOf(saw)[1]).toMatch(/met/);
});

test("a short soak judges only wrong predictions and handles", () => {
  const short = soaked(() => ({}), {}, 20);
  const unknown = "not measured";
  expect(verdictsOf(short)).toEqual(["aim met", unknown, "aim met", unknown, unknown, unknown]);
  const counts = { wrong: 2, reasons: [], sent: none };
  expect(verdictsOf({ ...short, counts })[0]).toBe("missed");
  expect(verdictsOf({ ...short, windows: [] })[1]).toBe(unknown);
});
