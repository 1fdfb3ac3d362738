import { expect, test } from "vitest";
import { withContract } from "./contract-source.ts";

const INDEX = `import { iris } from "./iris.ts";

export const contracts = { iris };
`;

test("a contract is listed once", () => {
  const listed = withContract(INDEX, "leaf_type");
  expect(listed).toContain('import { leafType } from "./leaf-type.ts";');
  expect(listed).toContain("export const contracts = { iris, leaf_type: leafType };");
  expect(withContract(listed, "leaf_type")).toBe(listed);
});

test("two contracts whose constants are the same are not listed together", () => {
  const listed = withContract(INDEX, "leaf_1");
  expect(() => withContract(listed, "leaf1")).toThrow(
    'the contract "leaf1" would be called leaf1 in TypeScript, as another one is',
  );
});
