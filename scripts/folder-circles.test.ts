import { expect, test } from "vitest";
import { circles, roomImports } from "./folder-circles.ts";

const files: Record<string, string> = {
  "apps/api/src/main.ts": 'import { a } from "./http/a.ts";',
  "apps/api/src/http/a.ts": 'import type { B } from "../jobs/b.ts";\nimport "./c.ts";',
  "apps/api/src/http/c.ts": 'import * as z from "zod";',
  "apps/api/src/jobs/b.ts": 'export { c } from "../metrics/c.ts";',
  "apps/api/src/metrics/c.ts": 'const lazy = await import("../http/c.ts");',
  "apps/api/src/metrics/c.test.ts": 'import "../main.ts";',
  "packages/model/src/http/a.ts": 'import "../jobs/x.ts";',
};

test("finds rooms that import each other, also by types, exports and later imports", () => {
  const sources = roomImports(Object.keys(files), (file) => files[file] ?? "");
  expect(circles(sources.get("apps/api/src") ?? new Map())).toEqual([["http", "jobs", "metrics"]]);
  expect(circles(sources.get("packages/model/src") ?? new Map())).toEqual([]);
});

test("tells two circles apart", () => {
  const rooms = new Map([
    ["a", new Set(["b"])],
    ["b", new Set(["a", "c"])],
    ["c", new Set(["d"])],
    ["d", new Set(["c"])],
  ]);
  expect(circles(rooms)).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
});
