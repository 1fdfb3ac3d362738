import { expect, test } from "vitest";
import { iris } from "@sepal/schema/contracts/iris";
import { ships } from "../fixtures/typed-contracts.ts";
import { exampleTable } from "./batch-files.ts";
import { readTable } from "./fixtures/read-table.ts";

const tables = [
  { contract: iris, background: iris.examples.map(({ features }) => features) },
  {
    contract: ships,
    background: [
      [7.25, 4, false, "C"],
      [80, null, true, "A, upper"],
      [13, 61, false, null],
    ],
  },
] as const;

test.each(tables)(
  "makes rows that $contract.name takes, and bad ones when asked to",
  async (of) => {
    const problems = async (mistakes: boolean) => {
      const lines = exampleTable({ ...of, rows: 500, mistakes, random: Math.random });
      const table = await readTable([...lines].join(""), undefined, of.contract);
      expect(table.records.rows).toBe(500);
      return table.badRows.length;
    };
    expect(await problems(false)).toBe(0);
    expect(await problems(true)).toBe(10);
  },
);
