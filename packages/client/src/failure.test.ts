import { describe, expect, expectTypeOf, test } from "vitest";
import type { DetailEntry as ServerEntry } from "@sepal/schema/validation-detail";
import { retryAfterSeconds, toFailure, type DetailEntry } from "./failure.ts";

describe("retryAfterSeconds", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");

  test.each([
    [null, null],
    ["", null],
    ["soon", null],
    ["7", 7],
    ["-1", 0],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30],
    ["Wed, 31 Dec 2025 23:59:30 GMT", 0],
  ])("reads %j as %j", (header, seconds) => {
    expect(retryAfterSeconds(header, now)).toBe(seconds);
  });
});

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
