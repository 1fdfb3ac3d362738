import { expect, test } from "vitest";
import { parseCoreList, parseResident, parseStat, processTree } from "./host.ts";

test("reads a stat line whose command holds spaces and parentheses", () => {
  const line =
    "4242 (a (b) c) S 17 4242 4242 0 -1 4194560 900 0 0 0 250 50 7 7 20 0 11 0 100 200 300";
  expect(parseStat(line)).toEqual({ pid: 4242, parent: 17, cpuSeconds: 3.14 });
});

test("reads resident memory, and 0 of a process that has none left", () => {
  expect(parseResident("Name:\tnode\nVmHWM:\t   90 kB\nVmRSS:\t  2048 kB\nThreads:\t1\n")).toBe(
    2_097_152,
  );
  expect(parseResident("Name:\tnode\nState:\tZ (zombie)\n")).toBe(0);
});

test("expands lists of cores", () => {
  expect(parseCoreList("0-2,5\n")).toEqual([0, 1, 2, 5]);
  expect(parseCoreList("3")).toEqual([3]);
  expect(parseCoreList("")).toEqual([]);
});

test("a tree holds all descendants and nothing else", () => {
  const of = (pid: number, parent: number) => ({ pid, parent, cpuSeconds: 0 });
  const tree = processTree(10, [of(12, 11), of(1, 0), of(10, 1), of(11, 10), of(20, 1)]);
  expect(tree.map(({ pid }) => pid)).toEqual([10, 11, 12]);
});
