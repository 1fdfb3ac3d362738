import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

const MIB = 2 ** 20;

/** Refuses input, and prints by how many bytes the heap grows that only a full collection frees. */
const REFUSE = `
  import { getHeapSpaceStatistics } from "node:v8";
  import { iris } from "@sepal/schema/contracts/iris";
  import { predictRequest } from "@sepal/schema/predict";
  import * as z from "zod";
  import { parseInput } from "./operation.ts";
  const schema = z.compile(predictRequest(iris), { strict: true });
  const refuse = (times) => {
    for (let time = 0; time < times; time += 1) {
      try {
        parseInput(schema, { features: [time] });
        process.exit(1);
      } catch {}
    }
    const spaces = getHeapSpaceStatistics();
    return spaces.find(({ space_name }) => space_name === "old_space").space_used_size;
  };
  const before = refuse(5000);
  console.log(Math.max(...Array.from({ length: 35 }, () => refuse(1000))) - before);
`;

// In a process of its own: other tests of this one fill the same heap. By `safeParse` it is 15 MB.
test("input that breaks its schema leaves next to nothing for a full collection", () => {
  const args = ["--input-type=module", "--eval", REFUSE];
  const options = { cwd: import.meta.dirname, encoding: "utf8" } as const;
  expect(Number(execFileSync(process.execPath, args, options))).toBeLessThan(6 * MIB);
});
