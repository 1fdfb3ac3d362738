import { describe, expect, expectTypeOf, test } from "vitest";
import type { DetailEntry as ServerEntry } from "@sepal/schema/validation-detail";
import { type DetailEntry, retryAfterSeconds, toFailure } from "./failure.ts";

describe("toFailure", () => {
  test("reads what is no failure of a call as well", () => {
    const nothing = { status: null, retryAfter: null, requestId: null, detail: [] };
    expect(toFailure(new Error("bug"))).toMatchObject({
      ...nothing,
      kind: "other",
      message: "bug",
    });
    expect(toFailure("text")).toMatchObject({ ...nothing, kind: "other", message: "text" });
  });

  test("gives the entries that the server sends", () => {
    expectTypeOf<DetailEntry>().toEqualTypeOf<ServerEntry>();
  });
});

const NOW = Date.parse("2026-05-01T12:00:00Z");

test.each([
  [null, null],
  ["", null],
  ["soon", null],
  ["7", 7],
  ["0", 0],
  ["-1", 0],
  ["Fri, 01 May 2026 12:00:09 GMT", 9],
  ["Fri, 01 May 2026 11:00:00 GMT", 0],
])("Retry-After %j is %j seconds", (header, seconds) => {
  expect(retryAfterSeconds(header, NOW)).toBe(seconds);
});
