import { expect, test } from "vitest";
import { overloadVerdicts, type OverloadPoint } from "./overload-verdicts.ts";

const MIB = 2 ** 20;

const below: OverloadPoint = {
  share: 0.8,
  offered: 100,
  seconds: 10,
  residentBytes: 300 * MIB,
  due: 1000,
  answered: 900,
  refused: 100,
  waited: 0,
  late: 3,
  errors: { non2xx: 0, sockets: 0, timeouts: 0 },
  p50: 1,
  p90: 2,
  p99: 4,
  p999: 9,
  priority: "nice 0",
  clientCpu: 0.5,
};

/** Verdicts of 80 % and ten minutes of looks, each as `change` says. */
function verdicts(
  change: (look: number) => Partial<OverloadPoint> = () => ({}),
  looks = 60,
  base = below,
) {
  const beyond = Array.from({ length: looks }, (_, look) => ({
    ...below,
    share: 2,
    ...change(look),
  }));
  const refusals = { seen: 5, malformed: 0 };
  return overloadVerdicts({ points: [base, ...beyond], refusals, distrust: null });
}

const words = (given: ReturnType<typeof verdicts>) => given.map(({ verdict }) => verdict);

test("ten minutes that stay as they are meet every aim", () => {
  expect(words(verdicts())).toEqual(["aim met", "aim met", "aim met"]);
});

test("an answer three times as slow is missed, and so is one request without an answer", () => {
  expect(words(verdicts(() => ({ p99: 13 })))[0]).toBe("missed");
  const lost = { non2xx: 0, sockets: 1, timeouts: 0 };
  expect(words(verdicts((look) => (look === 9 ? { errors: lost } : {})))[1]).toBe("missed");
});

test("late looks are left out of the p99, and the verdict says how many and what they would change", () => {
  const [slow] = verdicts((look) => (look < 6 ? { late: 18, p99: 40 } : { p99: 6 }));
  expect(slow).toMatchObject({ verdict: "aim met", measured: "1.50 times" });
  expect(slow?.reason).toContain(
    "0.4 % of all sent late; 6 of 60 looks left out, sent late for up to 1.8 %, with them 1.50 times (to 10.00 times)",
  );
  expect(words(verdicts((look) => (look < 6 ? { late: 18, p99: 4 } : { p99: 13 })))[0]).toBe(
    "missed",
  );
});

test("no verdict on the p99 where too many looks, the whole, or the 80 % was late", () => {
  expect(verdicts((look) => (look < 7 ? { late: 18 } : {}))[0]).toMatchObject({
    verdict: "not measured",
    reason: "the generator itself was late in 7 of 60 looks",
  });
  expect(verdicts((look) => (look < 6 ? { late: 80 } : {}))[0]).toMatchObject({
    verdict: "not measured",
    reason: "the generator itself was late for 1.1 % of all requests",
  });
  expect(verdicts(() => ({}), 60, { ...below, late: 11 })[0]).toMatchObject({
    verdict: "not measured",
    reason: "the generator itself was late for 1.1 % at 80 %",
  });
});

test("memory that grows past the warm-up is missed, one that has warmed up and comes and goes is not", () => {
  const growing = verdicts((look) => ({ residentBytes: (300 + look * 0.3) * MIB }))[2];
  expect(growing).toMatchObject({ asked: "<= +5.0 %", measured: "+5.8 %", verdict: "missed" });
  const warmed = verdicts((look) => ({
    residentBytes: (look < 9 ? 200 + look * 10 : 300 + ((look * 37) % 50)) * MIB,
  }))[2];
  expect(warmed?.verdict).toMatch(/met/);
  expect(warmed?.reason).toMatch(/40 looks after 200 of 600 s; 300.0 to 349.0 MiB/);
});

test("a short overload proves nothing about memory", () => {
  expect(verdicts(() => ({}), 6)[2]).toMatchObject({
    verdict: "not measured",
    reason: "only 60 s of 600",
  });
  expect(words(verdicts(() => ({}), 0))[0]).toBe("not measured");
});
