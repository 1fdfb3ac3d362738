import { expect, test } from "vitest";
import { structureOf } from "./json-structure.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

const structure = (value: unknown) => structureOf(bytesOf(JSON.stringify(value)));

const ROW = { island: "Dream", 'a "key"': 1, nested: { x: 1, y: [1, { z: 2 }] }, last: null };

test("counts lists, objects and keys, not those within texts", () => {
  const { opened, keys } = structure([ROW, ROW, '":{[":{[']);
  expect([opened, keys]).toEqual([9, 14]);
});

test("keys of equal objects are new once", () => {
  expect(structure([ROW]).newKeys).toBe(7);
  expect(structure(Array.from({ length: 1000 }, () => ROW)).newKeys).toBe(7);
});

test("keys in another order are new", () => {
  expect(
    structure([
      { a: 1, b: 2, c: 3 },
      { b: 2, a: 1, c: 3 },
      { a: 1, c: 3, b: 2 },
    ]).newKeys,
  ).toBe(8);
});

test("keys that no object had before are new, and two texts do not count for each other", () => {
  const object = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, 1]));
  const counts = [structure(object), structure(object)].map(({ newKeys }) => newKeys);
  for (const count of counts) expect(count).toBeGreaterThan(990);
});

test("what is no JSON has an end", () => {
  for (const text of ['"', '"\\', '{"a":"', "\\", ""]) {
    expect(structureOf(bytesOf(text)).opened).toBeLessThan(2);
  }
});
