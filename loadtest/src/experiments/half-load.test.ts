import { expect, test } from "vitest";
import { halfLoadVerdict } from "./half-load.ts";
import type { OpenLoadResult } from "../harness/open-loop.ts";

const half: OpenLoadResult = {
  due: 5000,
  answered: 5000,
  refused: 0,
  waited: 0,
  late: 0,
  errors: { non2xx: 0, sockets: 0, timeouts: 0 },
  p50: 0.5,
  p90: 0.8,
  p99: 1.9,
  p999: 3,
};

test("the p99 at half of saturation is judged against must and aim", () => {
  expect(halfLoadVerdict([half], null).verdict).toBe("aim met");
  expect(halfLoadVerdict([half, { ...half, p99: 4 }, { ...half, p99: 9 }], null).verdict).toBe(
    "met",
  );
  expect(halfLoadVerdict([{ ...half, p99: 6 }], null).verdict).toBe("missed");
});

test("a fast response to some does not excuse rejecting others", () => {
  expect(halfLoadVerdict([half, { ...half, refused: 1 }], null).verdict).toBe("missed");
});

test("no verdict where the generator was late or the half is in doubt", () => {
  expect(halfLoadVerdict([half, { ...half, late: 51 }], null)).toMatchObject({
    verdict: "not measured",
    reason: "the generator itself was late for 1.02 % of the requests",
  });
  expect(halfLoadVerdict([half], "busy")).toMatchObject({
    verdict: "not measured",
    reason: "busy",
  });
  expect(halfLoadVerdict([], null).verdict).toBe("not measured");
});
