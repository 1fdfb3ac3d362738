import { expect, test } from "vitest";
import { nextPoll } from "./server-status.ts";

test("polls a server that is down after 1, 2, 4, 8, 16 and then every 16 seconds", () => {
  const waits = [1, 2, 3, 4, 5, 6, 20].map((failures) =>
    nextPoll({ state: "down", failures, retryAt: 0 }),
  );
  expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 16_000, 16_000]);
});
