import { getHeapSpaceStatistics } from "node:v8";
import { iris } from "@sepal/schema/contracts/iris";
import { predictRequest } from "@sepal/schema/predict";
import * as z from "zod";
import { expect, test } from "vitest";
import { parseInput } from "./operation.ts";

const MIB = 2 ** 20;

/** Bytes that only a full collection frees. */
function oldBytes(): number {
  const spaces = getHeapSpaceStatistics();
  return spaces.find(({ space_name }) => space_name === "old_space")?.space_used_size ?? NaN;
}

test("input that breaks its schema leaves next to nothing for a full collection", () => {
  const schema = z.compile(predictRequest(iris), { strict: true });
  const refuse = (times: number) => {
    let refused = 0;
    for (let time = 0; time < times; time += 1) {
      try {
        parseInput(schema, { features: [time] });
      } catch {
        refused += 1;
      }
    }
    expect(refused).toBe(times);
    return oldBytes();
  };
  const before = refuse(5000);
  const after = Array.from({ length: 35 }, () => refuse(1000));
  expect(Math.max(...after) - before).toBeLessThan(12 * MIB);
});
