import { describe, expect, expectTypeOf, test } from "vitest";
import { iris } from "@sepal/schema/contracts/iris";
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
    expectTypeOf<ServerEntry>().toExtend<DetailEntry>();
    expectTypeOf<keyof DetailEntry>().toEqualTypeOf<keyof ServerEntry | "feature">();
  });

  test("names the feature of a broken rule, in lists as in objects, with the contract", () => {
    const rule = { type: "greater_than", msg: "Input should be greater than 0" };
    const places = [
      [["body", "features", 1], ["body", "features", "sepal_width"], "sepal_width"],
      [["body", "features", "sepal_width"], ["body", "features", "sepal_width"], "sepal_width"],
      [["body", "rows", 4, 0], ["body", "rows", 4, "sepal_length"], "sepal_length"],
      [["body", "features", "stem"], ["body", "features", "stem"], undefined],
      [["body", "features", 4], ["body", "features", 4], undefined],
      [["body", "features"], ["body", "features"], undefined],
      [["body", "batch_size"], ["body", "batch_size"], undefined],
    ] as const;
    const data = { httpStatus: 422, detail: places.map(([loc]) => ({ ...rule, loc })) };
    // As another copy of tRPC throws it.
    const error = Object.assign(new Error("invalid"), { name: "TRPCClientError", data });
    const { kind, detail } = toFailure(error, iris);
    expect(kind).toBe("invalid");
    expect(detail.map(({ loc, feature }) => [loc, feature])).toEqual(
      places.map(([, ...expected]) => expected),
    );
    expectTypeOf(detail[0]?.feature).toEqualTypeOf<
      "sepal_length" | "sepal_width" | "petal_length" | "petal_width" | undefined
    >();
    expect(toFailure(error).detail.map(({ loc }) => loc)).toEqual(places.map(([loc]) => loc));
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
