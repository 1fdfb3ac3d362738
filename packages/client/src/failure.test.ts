import { describe, expect, expectTypeOf, test } from "vitest";
import type { DetailEntry as ServerEntry } from "@sepal/schema/validation-detail";
import { toFailure, type DetailEntry } from "./failure.ts";

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
