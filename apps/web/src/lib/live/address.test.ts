import { expect, test } from "vitest";
import { liveNotices } from "./address.ts";

test("reports which values of the address were ignored", () => {
  expect(liveNotices({ window: "5", requests: "all", other: "x" })).toEqual([]);
  expect(liveNotices({ window: "7", requests: ["batch", "all"] })).toEqual([
    "“window=7” in the address is no choice of this view, so one minute is shown.",
  ]);
});
