import { expect, test } from "vitest";
import { isolationVerdicts, type Phase } from "./isolation.ts";

function phase(round: number, kind: Phase["kind"], p99: number, loopDelay: number): Phase {
  return {
    round,
    kind,
    loopDelay,
    batches: kind === "alone" ? 0 : 20,
    serverP99: { kind: "within", value: p99 / 2000, lower: 0, upper: 1 },
    run: {
      due: 1000,
      answered: 1000,
      refused: 0,
      waited: 0,
      late: 0,
      errors: { non2xx: 0, sockets: 0, timeouts: 0 },
      p50: p99 / 4,
      p90: p99 / 2,
      p99,
      p999: null,
      clientCpu: 0.1,
      priority: "nice 0",
    },
  };
}

const round = (number: number, alone: number, busy: number): Phase[] => [
  phase(number, "alone", alone, 1),
  phase(number, "with batches", busy, 20),
  { ...phase(number, "batches only", 0, 4), run: null, serverP99: null },
];

test("ratios are formed inside the rounds and their median is judged", () => {
  // 2, 2.5 and 30: the last round was disturbed as a whole or in part.
  const phases = [...round(1, 1, 2), ...round(2, 4, 10), ...round(3, 1, 30)];
  const [singles, loop] = isolationVerdicts(phases);
  expect(singles).toMatchObject({ verdict: "met", measured: "2.50x (2.00x to 30.00x)" });
  expect(singles?.reason).toContain("2.50x by the server's histogram");
  expect(loop).toMatchObject({ verdict: "met", measured: "4.0 ms" });
  expect(loop?.reason).toContain("20.0 ms with singles beside them");
});

test("a late generator, batches that never ran and refused singles give no good verdict", () => {
  const change = (given: (phase: Phase) => Phase) => isolationVerdicts(round(1, 1, 1.2).map(given));
  const late = change((one) => ({ ...one, run: one.run && { ...one.run, late: 11 } }));
  expect(late[0]?.verdict).toBe("not measured");
  const none = change((one) => ({ ...one, batches: 0 }));
  expect(none.map(({ verdict }) => verdict)).toEqual(["not measured", "not measured"]);
  const refused = change((one) => ({ ...one, run: one.run && { ...one.run, refused: 1 } }));
  expect(refused[0]?.verdict).toBe("missed");
});
