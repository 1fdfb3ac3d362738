import { describe, expect, test } from "vitest";
import { readIgnoreRules } from "./ignore-rules.ts";

describe("readIgnoreRules", () => {
  const ignores = readIgnoreRules(`
# all but two folders
*
!apps/api/src
!packages/*/src
**/node_modules
**/*.test.ts
`);

  test.each([
    ["README.md", true],
    [".env", true],
    ["apps/web/src/page.tsx", true],
    ["apps/api/src/main.ts", false],
    ["apps/api/src/endpoints/routes.ts", false],
    ["apps/api/src/settings/settings.test.ts", true],
    ["apps/api/src/node_modules/x/index.js", true],
    ["packages/schema/src/predict.ts", false],
    ["packages/schema/package.json", true],
  ])("%s: left out %s", (path, expected) => {
    expect(ignores(path)).toBe(expected);
  });

  test("a dot is a dot, and one star stays in its folder", () => {
    const rules = readIgnoreRules("a.b\nlogs/*.log");
    expect(["a.b", "a-b", "logs/x.log", "logs/y/x.log"].map(rules)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});
