import { expect, test } from "vitest";
import type { SweepPoint } from "./sweep-point.ts";
import { halfLoadVerdict } from "./sweep-report.ts";

const half: SweepPoint = {
  share: 0.5,
  offered: 1000,
  seconds: 5,
  clientCpu: 0.5,
  due: 5000,
  answered: 5000,
  refused: 0,
  shed: 0,
  late: 0,
  errors: { non2xx: 0, sockets: 0, timeouts: 0 },
  p50: 0.5,
  p90: 0.8,
  p99: 1.9,
  p999: 3,
};

test("the p99 at half of saturation is judged against must and aim", () => {
  expect(halfLoadVerdict([half]).verdict).toBe("aim met");
  expect(halfLoadVerdict([{ ...half, p99: 4 }]).verdict).toBe("met");
  expect(halfLoadVerdict([{ ...half, p99: 6 }]).verdict).toBe("missed");
});

test("a fast answer to some does not excuse refusing others", () => {
  expect(halfLoadVerdict([{ ...half, refused: 1 }]).verdict).toBe("missed");
  expect(halfLoadVerdict([{ ...half, shed: 1 }]).verdict).toBe("missed");
});

test("the generator's own delay is named", () => {
  expect(halfLoadVerdict([{ ...half, late: 500 }]).reason).toMatch("its own delay");
  expect(halfLoadVerdict([]).verdict).toBe("not measured");
});
