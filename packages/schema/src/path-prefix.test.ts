import { expect, test } from "vitest";
import { isPathPrefix, withoutPrefix } from "./path-prefix.ts";

test.each([
  ["/ml/sepal", true],
  ["/a.b~c-d_e", true],
  ["/", false],
  ["/ml/", false],
  ["//evil.example", false],
  ['/a"b', false],
  ["ml", false],
])("%s is a path prefix: %s", (text, expected) => {
  expect(isPathPrefix(text)).toBe(expected);
});

test.each([
  ["/ml/docs?x=1", "/docs?x=1"],
  ["/ml", "/"],
  ["/ml?x", "/?x"],
  ["/mlx/docs", "/mlx/docs"],
  ["/docs", "/docs"],
])("%s is %s below /ml", (url, expected) => {
  expect(withoutPrefix(url, "/ml")).toBe(expected);
});
